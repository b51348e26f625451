import { getTimezonesForCountry } from 'countries-and-timezones';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { mainZones } from '../../domain/main-zone.ts';

type Whereabouts = { timezone?: string | null | undefined; phone?: string | null | undefined };

/** The time zone that a contact is taken to be in: the one that was said, else the phone's country's, else the tenant's. */
export const effectiveTimezone = ({ timezone, phone }: Whereabouts, tenantTimezone: string): string =>
  timezone ?? zoneOfPhone(phone) ?? tenantTimezone;

/** The language to write to a contact in: its own, else the tenant's. */
export const effectiveLocale = ({ locale }: { locale?: string | null | undefined }, tenantLocale: string): string =>
  locale ?? tenantLocale;

function zoneOfPhone(phone: string | null | undefined): string | undefined {
  const country = phone ? parsePhoneNumberFromString(phone)?.country : undefined;
  return country && (mainZones[country] ?? onlyZoneOf(country));
}

function onlyZoneOf(country: string): string | undefined {
  const zones = getTimezonesForCountry(country, { deprecated: false }) ?? [];
  const [only, ...others] = zones.filter(({ aliasOf }) => aliasOf === null);
  return others.length === 0 ? only?.name : undefined;
}
