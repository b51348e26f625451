#!/bin/sh
# Brings Temporal's two databases to the schema of this image. Safe to run again, and at each upgrade.
set -eu
schema=${TEMPORAL_SCHEMA:-/etc/temporal/schema/postgresql/v12}

for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%:*}
  tool="temporal-sql-tool --plugin postgres12 --endpoint $POSTGRES_SEEDS --port ${DB_PORT:-5432} --user $POSTGRES_USER --database $database"
  # The password is read from SQL_PASSWORD.
  $tool setup-schema --version 0.0
  $tool update-schema --schema-dir "$schema/${pair#*:}/versioned"
done
