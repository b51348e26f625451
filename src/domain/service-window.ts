/** A person who writes may be answered with free text for so long. */
export const SERVICE_WINDOW_HOURS = 24;

/** What WhatsApp itself reports in a person's name, such as a new number: nobody wrote, so nothing opens. */
export const opensWindow = (type: string): boolean => type !== 'system';
