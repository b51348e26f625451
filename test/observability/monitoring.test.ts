import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { composeText, read, root, services, type Service } from '../config/compose.ts';
import { selectorsIn } from './exposition.ts';

type Rule = { alert: string; expr: string; labels: Record<string, string>; annotations: Record<string, string> };
type Target = { names: string[]; port: number };
type Prometheus = {
  rule_files: string[];
  alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
  scrape_configs: { job_name: string; dns_sd_configs: Target[] }[];
};
type Mount = string | { source: string };
type Monitoring = {
  services: Record<string, Omit<Service, 'volumes'> & { volumes: Mount[] }>;
  networks: { default: { name: string; external: boolean } };
};

const prometheus: Prometheus = parse(read('ops/prometheus.yml'));
const monitoring: Monitoring = parse(read('ops/monitoring.yml'), { merge: true });
const targetsOf = (job: string): Target[] =>
  prometheus.scrape_configs.find(({ job_name }) => job_name === job)?.dns_sd_configs ?? [];
const rules = (parse(read('ops/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);

test('every alert says what it means and names a part of the operations page that there is', () => {
  const headings = [...read('docs/operations.md').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => anchorOf(title));
  for (const { alert, labels, annotations } of rules) {
    expect({ alert, ...labels }).toMatchObject({ severity: expect.stringMatching(/^(critical|warning)$/) });
    expect(annotations).toMatchObject({ summary: expect.any(String), description: expect.any(String) });
    const [page, anchor] = annotations['runbook']?.split('#') ?? [];
    expect(page).toBe('docs/operations.md');
    expect(headings).toContain(anchor);
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

/** As GitHub makes them. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');

test('every job that an alert asks for is one that Prometheus has, and no other', () => {
  const jobs = prometheus.scrape_configs.map(({ job_name }) => job_name);
  expect(new Set(jobs).size).toBe(jobs.length);
  const asked = rules
    .flatMap(({ expr }) => selectorsIn(expr))
    .flatMap(({ matchers }) => matchers)
    .filter(({ label }) => label === 'job')
    .flatMap(({ value }) => value.split('|'));
  const said = rules.flatMap(({ labels }) => labels['job'] ?? []);
  expect(asked.length).toBeGreaterThan(5);
  expect([...asked, ...said].filter((job) => !jobs.includes(job))).toEqual([]);
});

test('each service of ours whose metrics are served is a job alone, so that it is missed when none of it is left', () => {
  const served = Object.keys(services).filter((name) => services[name]?.environment?.['METRICS_PORT'] !== undefined);
  expect(served.toSorted()).toEqual(['api', 'worker']);
  for (const name of served) {
    const job = `carillon-${name}`;
    const [, port] = /:-(\d+)/.exec(services[name]?.environment?.['METRICS_PORT'] ?? '') ?? [];
    expect(targetsOf(job)).toEqual([expect.objectContaining({ names: [name], port: Number(port) })]);
    expect(rules.map(({ expr }) => expr)).toContain(`absent(up{job="${job}"} == 1)`);
  }
});

test('what Prometheus scrapes and tells is a service of one of the two files, on the port that it serves', () => {
  const names = [...Object.keys(services), ...Object.keys(monitoring.services)];
  const scraped = prometheus.scrape_configs.flatMap(({ dns_sd_configs }) => dns_sd_configs);
  const told = prometheus.alerting.alertmanagers
    .flatMap(({ static_configs }) => static_configs)
    .flatMap(({ targets }) => targets);
  expect(told).toEqual(['alertmanager:9093']);
  for (const name of [...scraped.flatMap((target) => target.names), 'alertmanager']) expect(names).toContain(name);
  const endpoint = services['temporal']?.environment?.['PROMETHEUS_ENDPOINT'];
  expect(targetsOf('temporal').map(({ port }) => `0.0.0.0:${port}`)).toEqual([endpoint]);
  expect(read('ops/prometheus.yml')).toContain(`0.0.0.0:${targetsOf('carillon-temporal-sdk')[0]?.port}`);
});

test('Prometheus and Alertmanager join the network of the others, are pinned, and are published to this machine alone', () => {
  const project: string = parse(composeText, { merge: true }).name;
  expect(monitoring.networks.default).toEqual({ name: `${project}_default`, external: true });
  for (const service of Object.values(monitoring.services)) {
    expect(service.image).toMatch(/:v\d+\.\d+\.\d+$/);
    expect(service).toMatchObject({ cap_drop: ['ALL'], logging: { options: { 'max-size': expect.any(String) } } });
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  }
});

test('the files that they mount are there, but the one that says whom to tell, which has an example', () => {
  const sources = Object.values(monitoring.services)
    .flatMap(({ volumes }) => volumes)
    .map((mount) => (typeof mount === 'string' ? (mount.split(':')[0] ?? '') : mount.source))
    .filter((source) => source.startsWith('./'));
  expect(sources.length).toBeGreaterThan(2);
  const missing = sources.filter((source) => !existsSync(new URL(`ops/${source}`, root)));
  expect(missing.filter((source) => source !== './alertmanager.yml')).toEqual([]);
  expect(read('.gitignore').split('\n')).toContain('ops/alertmanager.yml');
  for (const file of prometheus.rule_files) expect(sources).toContain(`./${file}`);
});

type Route = { receiver: string; matchers?: string[]; routes?: Route[] };
type Inhibition = { source_matchers: string[]; target_matchers: string[] };

test('the example tells of every severity, and what it holds back are alerts that there are', () => {
  const { route, receivers, inhibit_rules } = parse(read('ops/alertmanager.example.yml')) as {
    route: Route;
    receivers: { name: string }[];
    inhibit_rules: Inhibition[];
  };
  const named = [route, ...(route.routes ?? [])].map(({ receiver }) => receiver);
  expect(named.toSorted()).toEqual(receivers.map(({ name }) => name).toSorted());
  const alerts = rules.map(({ alert }) => alert);
  const held = inhibit_rules
    .flatMap(({ source_matchers, target_matchers }) => [...source_matchers, ...target_matchers])
    .flatMap((matcher) => matcher.match(/Carillon\w+/g) ?? []);
  expect(held.length).toBeGreaterThan(4);
  expect(held.filter((name) => !alerts.includes(name))).toEqual([]);
});
