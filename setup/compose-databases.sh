#!/bin/sh
# Legt beim ersten Start die beiden Datenbanken an, jede mit eigenem, geringem Konto.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --set ledger="$LEDGER_DB_PASSWORD" --set prefect="$PREFECT_DB_PASSWORD" <<'SQL'
CREATE ROLE rechnungsbote LOGIN PASSWORD :'ledger';
CREATE ROLE prefect LOGIN PASSWORD :'prefect';
CREATE DATABASE rechnungsbote OWNER rechnungsbote;
CREATE DATABASE prefect OWNER prefect;
REVOKE CONNECT ON DATABASE rechnungsbote, prefect FROM PUBLIC;
SQL
