import { Migration } from '@mikro-orm/migrations';

export class EarlierContacts extends Migration {
  override up(): void {
    // Removed and erased contacts that had the phone: what was sent to the person as one of them counts as well.
    this.addSql(`alter table app.contacts add column earlier_ids uuid[] not null default '{}'`);
  }
}
