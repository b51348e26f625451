import { Migration } from '@mikro-orm/migrations';

/** What an entry of the audit log is about beside its target: {item?, to?}, an id and an instant, nothing personal. */
export class AuditDetail extends Migration {
  override up(): void {
    this.addSql('alter table app.audit_log add column detail jsonb');
  }
}
