import Store

public enum InventoryMigrations {
    public static let all: [Migration] = [
        Migration(
            "inventory-001",
            """
            create table part (
              id {id} not null primary key, number {text} not null, name {text} not null, name_en {text},
              unit {text} not null, tracking {text} not null, abc {text} not null,
              shelf_life_months {int}, lead_time_days {int}, price_minor {int}, supplier_id {id},
              superseded_by {id}, is_active {int} not null, search {text} not null, version {int} not null
            ) {table};
            create unique index part_number on part (number);
            create index part_superseded on part (superseded_by);
            create table part_fit (
              part_id {id} not null, product_id {id} not null, primary key (part_id, product_id)
            ) {table};
            create index part_fit_product on part_fit (product_id);
            create table part_minimum (
              part_id {id} not null, place_id {id} not null, minimum {int} not null, target {int} not null,
              primary key (part_id, place_id)
            ) {table};
            create table part_component (
              kit_id {id} not null, part_id {id} not null, quantity {int} not null,
              primary key (kit_id, part_id)
            ) {table};
            create table place (
              id {id} not null primary key, kind {text} not null, parent_id {id}, name {text} not null,
              name_en {text}, site_id {id}, keeper_id {id}, time_zone {text} not null,
              is_active {int} not null, search {text} not null, version {int} not null
            ) {table};
            create index place_name on place (name, id);
            create index place_parent on place (parent_id);
            create index place_keeper on place (keeper_id);
            create table stock_batch (
              part_id {id} not null, batch {text} not null, expires_on {int}, concession_until {int},
              concession_reason {text}, concession_by {id}, concession_at {int},
              primary key (part_id, batch)
            ) {table};
            create table stock_document (
              id {id} not null primary key, number {text} not null, kind {text} not null,
              state {text} not null, place_id {id} not null, to_place_id {id}, ticket_id {id},
              ticket_number {text}, reason {text}, source {text}, partner_id {id}, due_on {int},
              carrier {text}, waybill {text}, customs_reference {text}, packages {text}, shipped_on {int},
              arrives_on {int}, posted_on {int}, posting {int}, reversal_of {id}, reversed_by {id},
              check_id {id}, value_minor {int}, created_by {id}, created_at {int} not null,
              submitted_by {id}, submitted_at {int}, approved_by {id}, approved_at {int}, posted_by {id},
              posted_at {int}, version {int} not null
            ) {table};
            create unique index stock_document_number on stock_document (number);
            create index stock_document_kind on stock_document (kind, id);
            create index stock_document_state on stock_document (state, kind, id);
            create index stock_document_ticket on stock_document (ticket_id, id);
            create unique index stock_document_reversal on stock_document (reversal_of);
            create table stock_line (
              document_id {id} not null, number {int} not null, part_id {id} not null,
              quantity {int} not null, serial {text} not null, batch {text} not null, expires_on {int},
              unit_cost_minor {int}, status {text} not null, to_status {text} not null,
              owner {text} not null, direction {text} not null, received {int} not null,
              written_off {int} not null, returned {int} not null, rma {text}, condition {text},
              disposition {text}, due_on {int}, replacement_serial {text},
              primary key (document_id, number)
            ) {table};
            create index stock_line_serial on stock_line (serial, part_id);
            create unique index stock_line_rma on stock_line (rma);
            create table stock_movement (
              posting {int} not null, number {int} not null, document_id {id} not null,
              line {int} not null, part_id {id} not null, batch {text} not null, serial {text} not null,
              owner {text} not null, quantity {int} not null check (quantity > 0),
              from_place {id} not null, from_status {text} not null, to_place {id} not null,
              to_status {text} not null, value_minor {int} not null, at {int} not null,
              posted_on {int} not null, primary key (posting, number)
            ) {table};
            create index stock_movement_part on stock_movement (part_id, posting, number);
            create index stock_movement_from on stock_movement (from_place, posting, number);
            create index stock_movement_to on stock_movement (to_place, posting, number);
            create index stock_movement_document on stock_movement (document_id, posting, number);
            create index stock_movement_day on stock_movement (posted_on);
            create table stock_balance (
              part_id {id} not null, place_id {id} not null, status {text} not null, owner {text} not null,
              batch {text} not null, serial {text} not null,
              on_hand {int} not null check (on_hand >= 0),
              reserved {int} not null check (reserved >= 0 and reserved <= on_hand),
              primary key (part_id, place_id, status, owner, batch, serial)
            ) {table};
            create index stock_balance_place on stock_balance
              (place_id, part_id, status, owner, batch, serial);
            create unique index stock_balance_serial on stock_balance (part_id, serial)
              where serial <> '' and on_hand > 0;
            create table cost_layer (
              part_id {id} not null, pool {text} not null, seq {int} not null,
              quantity {int} not null check (quantity > 0), value_minor {int} not null check (value_minor >= 0),
              primary key (part_id, pool, seq)
            ) {table};
            create table stock_period (
              month {int} not null primary key, is_open {int} not null, changed_at {int} not null,
              changed_by {id}, reason {text}, version {int} not null
            ) {table};
            create table stock_year (
              year {int} not null primary key, method {text} not null, changed_at {int} not null,
              changed_by {id}
            ) {table};
            create table stock_number (
              series {text} not null primary key, last {int} not null
            ) {table};
            create table stock_freeze (
              place_id {id} not null primary key, check_id {id} not null
            ) {table};
            create table stock_reservation (
              id {id} not null primary key, number {text} not null, part_id {id} not null,
              place_id {id} not null, quantity {int} not null, used {int} not null, priority {text} not null,
              until {int}, state {text} not null, ticket_id {id}, ticket_number {text}, reason {text},
              created_by {id}, created_at {int} not null, ended_at {int}, version {int} not null
            ) {table};
            create index stock_reservation_ticket on stock_reservation (ticket_id, state);
            create index stock_reservation_part on stock_reservation (part_id, state);
            create index stock_reservation_until on stock_reservation (state, until);
            create table stock_reserved (
              reservation_id {id} not null, part_id {id} not null, place_id {id} not null,
              batch {text} not null, serial {text} not null, quantity {int} not null check (quantity > 0),
              primary key (reservation_id, batch, serial)
            ) {table};
            create index stock_reserved_row on stock_reserved (part_id, place_id, batch, serial);
            """,
            own: [.postgres: sequences]),
        checks,
        Migration(
            "inventory-003",
            """
            create unique index stock_reservation_number on stock_reservation (number);
            create index stock_reservation_state on stock_reservation (state, id);
            create index stock_reservation_place on stock_reservation (place_id, id);
            """),
        Migration(
            "inventory-packing",
            """
            alter table stock_document add column package_count {int};
            alter table stock_document add column gross_weight_g {int};
            alter table stock_line add column package {text};
            alter table stock_line add column gross_weight_g {int};
            create index stock_balance_mark on stock_balance (serial, part_id)
              where serial <> '' and on_hand > 0;
            """),
        Migration(
            "inventory-second-person",
            """
            alter table stock_line add column missing {int} not null default 0;
            alter table stock_document add column missing_by {id};
            alter table stock_document add column missing_reason {text};
            create index stock_document_missing on stock_document (id) where missing_reason is not null;
            drop index stock_document_reversal;
            create unique index stock_document_reversal on stock_document (reversal_of)
              where state <> 'withdrawn';
            create table stock_check_counter (
              check_id {id} not null, account_id {id} not null, primary key (check_id, account_id)
            ) {table};
            """),
        Migration(
            "inventory-alone",
            """
            create table stock_alone (
              account_id {id} not null, at {int} not null, document_id {id} not null,
              value_minor {int} not null, primary key (account_id, at, document_id)
            ) {table};
            alter table stock_document add column alone_minor {int};
            """),
    ]

    /// Many writers number at the same time: a sequence for each series, made when it is first asked for.
    private static let sequences: StaticString = """
        create function make_stock_sequence(name text, first bigint) returns void language plpgsql as $$
        begin execute format('create sequence if not exists %I start %s', name, first); end $$;
        """
}

extension Transaction {
    /// The next number of a series, such as `posting` or `gi_2026`. A gap means an undone entry.
    func nextStockNumber(_ series: String) throws -> Int64 {
        if dialect.name == .sqlite {
            return try int(
                """
                insert into stock_number (series, last) values (\(series), 1)
                on conflict (series) do update set last = stock_number.last + 1 returning last
                """)
        }
        let name = "stock_\(series)"
        let next: SQL = """
            select case when to_regclass(\(name)) is null then 0 else nextval(cast(\(name) as text)::regclass) end
            """
        let n = try int(next)
        if n > 0 { return n }
        // The first of the series: one writer makes the sequence, the others find it made.
        try run("select pg_advisory_xact_lock(7235453, hashtext(current_schema()))")
        try run(
            """
            select make_stock_sequence(\(name),
              (select coalesce(max(last), 0) + 1 from stock_number where series = \(series)))
            """)
        return try int(next)
    }

    /// `GI-26-0318`: the kind's letters, the year, its next number.
    func nextStockNumber(_ letters: String, year: Int) throws -> String {
        let n = try nextStockNumber("\(letters.lowercased())_\(year)")
        let digits = String(n)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let short = year % 100
        return "\(letters)-\(short < 10 ? "0" : "")\(short)-\(padded)"
    }
}

extension Inventory {
    /// After a whole world came from another engine: what this engine counts by stands where the documents
    /// that came do.
    public static func settle(_ tx: Transaction) throws {
        try tx.run(
            """
            insert into stock_number (series, last)
            select lower(substr(number, 1, 2)) || '_20' || substr(number, 4, 2),
              max(cast(substr(number, 7) as bigint))
            from (select number from stock_document union all select number from stock_reservation
              union all select rma from stock_line where rma is not null
              union all select number from stock_check) n
            where number like '__-__-%' group by substr(number, 1, 2), substr(number, 4, 2)
            on conflict (series) do update set last = excluded.last
            """)
        try tx.run(
            """
            insert into stock_number (series, last)
            select 'posting', max(n) from (select posting as n from stock_movement
              union all select snapshot from stock_check) taken
            having count(*) > 0
            on conflict (series) do update set last = excluded.last
            """)
    }
}
