-- Run once, by psql as superuser, when the database server's volume is empty: two databases, each with an owner of its own.
-- The ledger's user cannot open the key store, nor the key store's user the ledger.
\getenv hub_password HUB_DATABASE_PASSWORD
\getenv hub_keys_password HUB_KEY_DATABASE_PASSWORD

CREATE ROLE hub LOGIN PASSWORD :'hub_password';
CREATE ROLE hub_keys LOGIN PASSWORD :'hub_keys_password';
CREATE DATABASE hub OWNER hub;
CREATE DATABASE hub_keys OWNER hub_keys;
REVOKE ALL ON DATABASE hub, hub_keys FROM PUBLIC;
