import Base
import Store

extension Transaction {
    private static let checkColumns: SQL = """
        c.id, c.number, c.kind, c.state, c.place_id, c.abc, c.is_blind, c.tolerance_permille, c.snapshot,
          (select count(*) from stock_check_line l where l.check_id = c.id),
          (select count(*) from stock_check_line l where l.check_id = c.id and l.counted is not null),
          c.difference_minor, c.created_by, c.created_at, c.submitted_by, c.submitted_at, c.approved_by,
          c.approved_at, c.version
        """

    private static func check(_ r: inout Row) -> StockCheck {
        StockCheck(
            id: r.text(), number: r.text(), kind: r.choice(.full), state: r.choice(.counting),
            place: r.id(), abc: r.choiceOrNil(), isBlind: r.bool(), tolerancePermille: r.int(),
            snapshot: r.int(), lineCount: r.int(), countedLines: r.int(), differenceMinor: r.intOrNil(),
            createdBy: r.idOrNil(), createdAt: r.instant(), submittedBy: r.idOrNil(),
            submittedAt: r.instantOrNil(), approvedBy: r.idOrNil(), approvedAt: r.instantOrNil(),
            version: r.int())
    }

    func stockCheck(_ idOrNumber: String) throws -> StockCheck? {
        let which: SQL =
            ID<StockCheck>.hasShape(idOrNumber) ? "c.id = \(idOrNumber)" : "c.number = \(idOrNumber)"
        let found = try first(
            "select \(Transaction.checkColumns) from stock_check c where \(which)", Transaction.check)
        return try found.flatMap { try counted([$0]).first }
    }

    /// With those who count.
    private func counted(_ checks: [StockCheck]) throws -> [StockCheck] {
        if checks.isEmpty { return [] }
        var named: [String: [AccountID]] = [:]
        try each(
            """
            select check_id, account_id from stock_check_counter
            where check_id in \(list: checks.map(\.id)) order by check_id, account_id
            """
        ) { r in
            let check = r.text()
            named[check, default: []].append(r.id())
        }
        return checks.map {
            var check = $0
            check.counters = named[check.id] ?? []
            return check
        }
    }

    func stockChecks(_ condition: SQL, after: String?, limit: Int) throws -> [StockCheck] {
        let further: SQL = after.map { "and c.id < \($0)" } ?? ""
        return try counted(
            rows(
                """
                select \(Transaction.checkColumns) from stock_check c where \(condition) \(further)
                order by c.id desc limit \(limit)
                """, Transaction.check))
    }

    func insert(_ c: StockCheck) throws {
        try run(
            """
            insert into stock_check (id, number, kind, state, place_id, abc, is_blind, tolerance_permille,
              snapshot, created_by, created_at, version)
            values (\(c.id), \(c.number), \(c.kind), \(c.state), \(c.place), \(c.abc), \(c.isBlind),
              \(c.tolerancePermille), \(c.snapshot), \(c.createdBy), \(c.createdAt), 1)
            """)
        for account in Set(c.counters).sorted() {
            try run(
                "insert into stock_check_counter (check_id, account_id) values (\(c.id), \(account))")
        }
    }

    func update(_ c: inout StockCheck) throws {
        let changed = try run(
            """
            update stock_check set state = \(c.state), difference_minor = \(c.differenceMinor),
              submitted_by = \(c.submittedBy), submitted_at = \(c.submittedAt),
              approved_by = \(c.approvedBy), approved_at = \(c.approvedAt), version = version + 1
            where id = \(c.id) and version = \(c.version)
            """)
        guard changed == 1 else { throw Failure.conflict("stock.changed_meanwhile") }
        c.version += 1
    }

    func insert(_ lines: [StockCheckLine], of check: String) throws {
        for from in stride(from: 0, to: lines.count, by: 200) {
            let values = lines[from..<min(from + 200, lines.count)].map { l in
                """
                (\(check), \(l.number), \(l.key.part), \(l.key.place), \(l.key.status), \(l.key.owner),
                \(l.key.batch), \(l.key.serial), \(l.expected), 0)
                """ as SQL
            }.joined(", ")
            try run(
                """
                insert into stock_check_line (check_id, number, part_id, place_id, status, owner, batch,
                  serial, expected, needs_recount)
                values \(values)
                """)
        }
    }

    func update(_ l: StockCheckLine, of check: String) throws {
        try run(
            """
            update stock_check_line set book = \(l.book), counted = \(l.counted),
              counted_by = \(l.countedBy), counted_at = \(l.countedAt), needs_recount = \(l.needsRecount),
              first_counted = \(l.firstCounted), first_by = \(l.firstBy), note = \(l.note)
            where check_id = \(check) and number = \(l.number)
            """)
    }

    func checkLines(_ check: String, _ more: SQL = "1 = 1", limit: Int? = nil) throws -> [StockCheckLine] {
        let most: SQL = limit.map { "limit \($0)" } ?? ""
        return try rows(
            """
            select l.number, l.part_id, l.place_id, l.status, l.owner, l.batch, l.serial, l.expected, l.book,
              l.counted, l.counted_by, l.counted_at, l.needs_recount, l.first_counted, l.first_by, l.note
            from stock_check_line l where l.check_id = \(check) and \(more) order by l.number \(most)
            """
        ) { r in
            let number = r.count()
            let key = StockKey(
                part: r.id(), place: r.id(), status: r.choice(.usable), owner: r.text(), batch: r.text(),
                serial: r.text())
            return StockCheckLine(
                number: number, key: key, expected: r.int(), book: r.intOrNil(), counted: r.intOrNil(),
                countedBy: r.idOrNil(), countedAt: r.instantOrNil(), needsRecount: r.bool(),
                firstCounted: r.intOrNil(), firstBy: r.idOrNil(), note: r.textOrNil())
        }
    }

    /// Everybody who counted something of it, at first or again.
    func counters(of check: String) throws -> [AccountID] {
        try rows(
            """
            select l.counted_by from stock_check_line l where l.check_id = \(check) and l.counted_by is not null
            union
            select l.first_by from stock_check_line l where l.check_id = \(check) and l.first_by is not null
            """
        ) { $0.id() }.sorted()
    }

    /// What came to a row since some time, less what left it.
    /// - Parameter posting: what was posted up to it is not looked at
    func moved(_ key: StockKey, since: Instant, after posting: Int64) throws -> Int64 {
        if since >= now { return 0 }
        return try int(
            """
            select coalesce(sum(case when m.to_place = \(key.place) and m.to_status = \(key.status)
                then m.quantity else 0 end)
              - sum(case when m.from_place = \(key.place) and m.from_status = \(key.status)
                then m.quantity else 0 end), 0)
            from stock_movement m
            where m.part_id = \(key.part) and m.posting > \(posting) and m.at > \(since)
              and m.owner = \(key.owner) and m.batch = \(key.batch) and m.serial = \(key.serial)
            """)
    }

    /// Where a serial number is by the books.
    func row(_ part: PartID, serial: String) throws -> StockKey? {
        try first(
            """
            select b.part_id, b.place_id, b.status, b.owner, b.batch, b.serial from stock_balance b
            where b.part_id = \(part) and b.serial = \(serial) and b.serial <> '' and b.on_hand > 0
            """
        ) { r in
            StockKey(
                part: r.id(), place: r.id(), status: r.choice(.usable), owner: r.text(), batch: r.text(),
                serial: r.text())
        }
    }

    /// By the books now.
    func onHand(_ key: StockKey) throws -> Int64 {
        try int(
            """
            select on_hand from stock_balance
            where part_id = \(key.part) and place_id = \(key.place) and status = \(key.status)
              and owner = \(key.owner) and batch = \(key.batch) and serial = \(key.serial)
            """)
    }
}
