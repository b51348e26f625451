#!/bin/sh
# Run once by the Postgres image, when its volume is empty: the roles and databases of Carillon and of Temporal.
# The same as scripts/roles.ts, which `npm start` uses.
set -eu

psql --no-psqlrc -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v owner_password="$DATABASE_OWNER_PASSWORD" \
  -v app_password="$DATABASE_APP_PASSWORD" \
  -v temporal_password="$TEMPORAL_DB_PASSWORD" <<'SQL'
create role carillon_owner login createrole nobypassrls password :'owner_password';
create role carillon_app login nocreaterole nobypassrls password :'app_password';
alter role carillon_app set statement_timeout = '5s';
alter role carillon_app set lock_timeout = '2s';
alter role carillon_app set idle_in_transaction_session_timeout = '10s';
create role app_system nologin nobypassrls;
grant app_system to carillon_owner with admin true, set false, inherit false;
create database carillon owner carillon_owner;

create role temporal login password :'temporal_password';
create database temporal owner temporal;
create database temporal_visibility owner temporal;

revoke connect on database carillon, temporal, temporal_visibility from public;
grant connect on database carillon to carillon_app;
SQL
