import { Migration } from '@mikro-orm/migrations';

/** Until when the provider has asked to be left alone with a message: a rule of its row, as its other ones are. */
export class ProviderWaits extends Migration {
  override up(): void {
    this.addSql('alter table app.messages add column not_before timestamptz');
  }
}
