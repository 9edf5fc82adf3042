import Store

public enum InstalledMigrations {
    public static let all: [Migration] = [
        Migration(
            "installed-001",
            """
            create table product (
              id {id} not null primary key, parent_id {id}, kind {text} not null, code {text} not null,
              name {text} not null, name_en {text}, model {text}, watched_tickets {int}, watched_until {int},
              is_active {int} not null, search {text} not null, version {int} not null
            ) {table};
            create unique index product_code on product (code);
            create index product_parent on product (parent_id, code);
            create table product_unit (
              id {id} not null primary key, product_id {id} not null, serial {text} not null, batch {text},
              customer_id {id}, project_id {id}, site_id {id}, delivered_on {int}, accepted_on {int},
              warranty_from {int}, warranty_until {int}, warranty_hours {int}, software_version {text},
              use_kind {text} not null, note {text}, operating_hours {int}, read_at {int},
              search {text} not null, version {int} not null
            ) {table};
            create unique index product_unit_plate on product_unit (product_id, serial) where serial <> '';
            create index product_unit_product on product_unit (product_id, batch);
            create index product_unit_serial on product_unit (serial, id);
            create index product_unit_customer on product_unit (customer_id, serial, id);
            create index product_unit_project on product_unit (project_id, serial, id);
            create index product_unit_site on product_unit (site_id, serial, id);
            create index product_unit_batch on product_unit (batch, serial, id);
            create index product_unit_delivered on product_unit (delivered_on);
            create table unit_part (
              id {id} not null primary key, unit_id {id} not null, position {text} not null,
              part_number {text}, serial {text}, software {text}, note {text}, from_at {int} not null,
              to_at {int}
            ) {table};
            create index unit_part_unit on unit_part (unit_id, position, from_at);
            create index unit_part_serial on unit_part (serial);
            create table unit_reading (
              id {id} not null primary key, unit_id {id} not null, at {int} not null, hours {int} not null,
              meter_replaced {int} not null, total {int} not null
            ) {table};
            create unique index unit_reading_unit on unit_reading (unit_id, at);
            create table unit_downtime (
              id {id} not null primary key, unit_id {id} not null, kind {text} not null,
              from_at {int} not null, to_at {int}, reason {text} not null, ticket_id {id},
              version {int} not null
            ) {table};
            create index unit_downtime_unit on unit_downtime (unit_id, from_at);
            create table unit_contact (
              id {id} not null primary key, unit_id {id} not null, part {text} not null,
              account_id {id} not null, from_at {int} not null, to_at {int}
            ) {table};
            create index unit_contact_unit on unit_contact (unit_id, part, from_at);
            create index unit_contact_account on unit_contact (account_id);
            create table contract (
              id {id} not null primary key, number {text} not null, name {text} not null,
              customer_id {id} not null, project_id {id}, policy {text}, from_on {int} not null,
              until_on {int} not null, included {text} not null, charged {text} not null, note {text},
              search {text} not null, version {int} not null
            ) {table};
            create unique index contract_number on contract (number);
            create index contract_customer on contract (customer_id, number);
            create index contract_project on contract (project_id, number);
            create table contract_unit (
              contract_id {id} not null, unit_id {id} not null, primary key (contract_id, unit_id)
            ) {table};
            create index contract_unit_unit on contract_unit (unit_id);
            """),
        // Who works at a ticket of a unit sees the unit, wherever their posts are.
        Migration(
            "installed-002",
            """
            create table unit_access (
              unit_id {id} not null, principal {text} not null, primary key (unit_id, principal)
            ) {table};
            """),
        Migration("installed-003", "alter table contract add column name_en {text};"),
    ]
}
