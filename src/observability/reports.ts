/** Where an error came from, in ids and words. */
export type Occasion = {
  where: 'api' | 'activity' | 'process';
  tenantId?: number | undefined;
  flowKind?: string | undefined;
  flowId?: string | undefined;
  requestId?: string | undefined;
  /** The route's template, or the activity's name. */
  what?: string | undefined;
};

/** Tells whoever develops of errors that nobody foresaw. */
export type Reports = {
  report(error: unknown, occasion: Occasion): void;
  /** Sends what has not left yet, for at most two seconds. */
  close(): Promise<void>;
};

export const noReports: Reports = { report: () => undefined, close: () => Promise.resolve() };
