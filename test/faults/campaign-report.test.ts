import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newestWhole, writeReport, type Report } from './campaign/report.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carillon-report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const report = (at: string, whole: boolean): Report => ({
  at,
  seed: 1,
  minutes: 10,
  whole,
  seconds: 60,
  machine: undefined,
  skipped: {},
  results: [],
});

test('a run of some scenarios replaces no earlier report, and is not the one that the page shows', () => {
  expect(newestWhole(folder)).toBeUndefined();
  writeReport(folder, report('2026-11-29T10:00:00.000Z', true));
  writeReport(folder, report('2026-11-30T10:00:00.000Z', true));
  writeReport(folder, report('2026-12-01T10:00:00.000Z', false));
  expect(newestWhole(folder)?.at).toBe('2026-11-30T10:00:00.000Z');
});
