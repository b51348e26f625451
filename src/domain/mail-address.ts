/**
 * An address as messages and refusals keep it: in lower case. Servers may tell capitals apart in the part before the
 * `@`, and none does; a refusal that somebody evades by a capital is worse.
 */
export const mailAddress = (address: string): string => address.trim().toLowerCase();
