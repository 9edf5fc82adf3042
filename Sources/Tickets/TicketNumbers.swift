import Base
import Store

extension Transaction {
    /// The next number of the year: `FT-26-0318`. Immutable once given; a gap means an undone entry.
    func nextTicketNumber(_ zone: Zone) throws -> String {
        let year = CivilDate.date(dayNumber: zone.wall(now).dayNumber).year
        let n =
            switch dialect.name {
            case .sqlite: try countedNumber(year)
            case .postgres: try sequenceNumber(year)
            }
        let digits = String(n)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return "FT-\(twoDigits(year % 100))-\(padded)"
    }

    /// One writer at a time: a row counts.
    private func countedNumber(_ year: Int) throws -> Int64 {
        try int(
            """
            insert into ticket_number (year, last) values (\(year), 1)
            on conflict (year) do update set last = ticket_number.last + 1 returning last
            """)
    }

    /// Many writers: a row that all of them change would let one through at a time, so a sequence of the
    /// year counts on from where the row stands.
    private func sequenceNumber(_ year: Int) throws -> Int64 {
        let name = "ticket_number_\(year)"
        let next: SQL = """
            select case when to_regclass(\(name)) is null then 0 else nextval(cast(\(name) as text)::regclass) end
            """
        let n = try int(next)
        if n > 0 { return n }
        // The first ticket of the year: one writer makes the sequence, the others find it made.
        try run("select pg_advisory_xact_lock(7235452, hashtext(current_schema()))")
        try run(
            """
            select make_ticket_sequence(\(name),
              (select coalesce(max(last), 0) + 1 from ticket_number where year = \(year)))
            """)
        return try int(next)
    }

    static let numbersPostgres: StaticString = """
        create function make_ticket_sequence(name text, first bigint) returns void language plpgsql as $$
        begin execute format('create sequence if not exists %I start %s', name, first); end $$;
        """
}

extension Tickets {
    /// After a whole world came from another engine: what this engine counts by stands where the tickets
    /// and documents that came do.
    public static func settle(_ tx: Transaction) throws {
        try tx.run(
            """
            insert into ticket_number (year, last)
            select 2000 + cast(substr(number, 4, 2) as integer), max(cast(substr(number, 7) as bigint))
            from ticket where number like 'FT-__-%' group by substr(number, 4, 2)
            on conflict (year) do update set last = excluded.last
            """)
        if tx.dialect.name == .postgres {
            try tx.run(
                "select setval('search_row', (select coalesce(max(row_id), 0) + 1 from search_doc), false)")
            try tx.run(
                """
                update search_index i set ticket_id = d.ticket_id from search_doc d
                where d.row_id = i.rowid and i.ticket_id is null
                """)
        }
    }
}
