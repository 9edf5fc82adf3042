import Base
import People
import Store

// The steps of a stock check.
extension Inventory {
    static func record(_ kind: String, _ c: StockCheck, reason: String? = nil, _ tx: Transaction) throws {
        try tx.record(
            Fact(
                kind, Subject("stock_check", c.id),
                data: .make([
                    "number": .string(c.number), "kind": .string(c.kind.rawValue),
                    "difference_minor": .of(c.differenceMinor), "reason": .of(reason),
                ])))
    }

    static func requireKeeper(of place: PlaceID, _ tx: Transaction) throws {
        guard let found = try tx.place(place), StockAccess.keeps(found, tx.actor) else {
            throw Failure.forbidden()
        }
    }

    /// Begins a check: takes down what is to be counted, and freezes the places of a full one.
    /// - Throws: 409 `stock.frozen` where another full check counts there, `stock.nothing_to_count`,
    ///   `stock.being_counted` where another check counts some of it
    public static func begin(_ input: CheckInput, _ tx: Transaction) throws -> StockCheck {
        guard let place = try tx.place(input.place) else {
            throw Failure.invalid("place_id", "field.no_such")
        }
        guard StockAccess.keeps(place, tx.actor) else { throw Failure.forbidden() }
        let mayCount = try input.counters.isEmpty ? [] : People.activePeople(with: counters, tx)
        guard input.counters.allSatisfy(mayCount.contains) else {
            throw Failure.invalid("counter_ids", "field.no_such")
        }
        let places = try tx.placesBelow(place.id)
        let day = today(place.zone, tx)
        let id: ID<StockCheck> = tx.makeID()
        var check = StockCheck(
            id: id.text,
            number: try tx.nextStockNumber("CK", year: CivilDate.date(dayNumber: day).year),
            kind: input.kind, state: .counting, place: place.id, abc: input.abc, isBlind: input.isBlind,
            tolerancePermille: input.tolerancePermille, snapshot: try tx.nextStockNumber("posting"),
            lineCount: 0, createdBy: tx.actor.id, createdAt: tx.now)
        check.counters = input.counters
        if input.kind == .full {
            let ids = places.map(\.text)
            if try tx.exists("select 1 from stock_freeze where place_id in \(list: ids)") {
                throw Failure.conflict("stock.frozen")
            }
            for p in places {
                try tx.run("insert into stock_freeze (place_id, check_id) values (\(p), \(check.id))")
            }
        }
        var rows = try toCount(input, places, day, tx)
        if input.kind == .sample {
            var random = SeededRandom(UInt64(bitPattern: check.snapshot &* 7919))
            rows = Array(rows.shuffled(using: &random).prefix(Int(input.size))).sorted {
                ($0.key.place, $0.key.part, $0.key.batch, $0.key.serial)
                    < ($1.key.place, $1.key.part, $1.key.batch, $1.key.serial)
            }
        }
        if rows.isEmpty, input.kind != .full, input.kind != .blind {
            throw Failure.conflict("stock.nothing_to_count")
        }
        try requireFree(rows.map(\.key), in: places, tx)
        check.lineCount = Int64(rows.count)
        try tx.insert(check)
        try tx.insert(
            rows.enumerated().map { i, row in
                StockCheckLine(number: i + 1, key: row.key, expected: row.onHand, needsRecount: false)
            }, of: check.id)
        try record("stock.check_begun", check, tx)
        return check
    }

    private static func toCount(_ input: CheckInput, _ places: [PlaceID], _ day: Int, _ tx: Transaction)
        throws -> [StockBalance]
    {
        var condition: SQL = "b.place_id in \(list: places.map(\.text)) and b.on_hand > 0"
        switch input.kind {
        case .full, .blind, .sample: break
        case .cycle:
            condition += " and b.part_id in (select p.id from part p where p.abc = \(input.abc))"
        case .touched:
            condition += """
                 and b.part_id in (select m.part_id from stock_movement m
                  where m.posted_on >= \(Int64(day) - input.sinceDays)
                    and (m.from_place in \(list: places.map(\.text))
                      or m.to_place in \(list: places.map(\.text))))
                """
        }
        return try tx.rows(
            """
            select \(Transaction.balanceColumns) from \(Transaction.balanceTables) where \(condition)
            order by b.place_id, b.part_id, b.status, b.owner, b.batch, b.serial
            """, Transaction.balance)
    }

    /// Whether the actor counts: whoever answers for the place, and those who were named.
    static func mayCount(_ check: StockCheck, _ tx: Transaction) throws -> Bool {
        if let id = tx.actor.id, check.counters.contains(id), tx.actor.hasAny(Roles(counters)) { return true }
        return try tx.place(check.place).map { StockAccess.keeps($0, tx.actor) } ?? false
    }

    static func requireCounter(_ check: StockCheck, _ tx: Transaction) throws {
        guard try mayCount(check, tx) else { throw Failure.forbidden() }
    }

    /// What is still to be counted by the actor: a recount is for somebody else than the first counter.
    static func open(_ check: StockCheck, _ actor: Actor) -> SQL {
        guard check.state == .recounting else { return "l.counted is null" }
        return """
            l.counted is null and l.needs_recount = 1
              and (l.first_by is null or l.first_by <> \(actor.id?.text ?? ""))
            """
    }

    /// Writes down what somebody counted. Whoever counted a line may correct it until the sheet is handed
    /// in; what is counted for the second time needs a second person.
    /// - Throws: 409 `stock.wrong_state`; 403 `stock.second_person`, `stock.others_count`
    public static func count(_ old: StockCheck, _ input: CountInput, _ tx: Transaction) throws -> StockCheck {
        try requireCounter(old, tx)
        guard old.state == .counting || old.state == .recounting else {
            throw Failure.conflict("stock.wrong_state", ["number": old.number])
        }
        guard !input.lines.isEmpty || !input.found.isEmpty else {
            throw Failure.invalid("lines", "field.required")
        }
        var check = old
        let numbers = input.lines.map { "\(Int64($0.line))" as SQL } + ["0"]
        let known = Dictionary(
            try tx.checkLines(check.id, "l.number in (\(numbers.joined(", ")))").map { ($0.number, $0) },
            uniquingKeysWith: { a, _ in a })
        for entry in input.lines {
            guard var line = known[entry.line] else {
                throw Failure.invalid("lines", "stock.no_such_line", ["line": String(entry.line)])
            }
            if check.state == .recounting {
                guard line.needsRecount else {
                    throw Failure.conflict("stock.not_recounted", ["line": String(entry.line)])
                }
                if let id = tx.actor.id, line.firstBy == id {
                    throw Failure.forbidden("stock.second_person")
                }
            }
            if line.counted != nil, line.countedBy != tx.actor.id {
                throw Failure.forbidden("stock.others_count")
            }
            line.counted = entry.quantity
            let at = max(tx.now - .seconds(entry.secondsAgo), check.createdAt)
            line.book = try tx.onHand(line.key) - tx.moved(line.key, since: at, after: check.snapshot)
            line.countedBy = tx.actor.id
            line.countedAt = at
            line.note = entry.note
            try tx.update(line, of: check.id)
        }
        if !input.found.isEmpty {
            guard check.state == .counting else {
                throw Failure.conflict("stock.wrong_state", ["number": check.number])
            }
            try found(input.found, check, tx)
        }
        // Of two who hand in at the same time, the second meets the first here.
        try tx.update(&check)
        return try tx.stockCheck(check.id) ?? check
    }

    private static func found(_ all: [CountInput.Found], _ check: StockCheck, _ tx: Transaction) throws {
        let places = Set(try tx.placesBelow(check.place))
        let parts = try tx.parts(Set(all.map(\.part)).sorted())
        var next = Int(
            try tx.int(
                "select coalesce(max(number), 0) from stock_check_line where check_id = \(check.id)"))
        for (i, f) in all.enumerated() {
            guard let part = parts[f.part] else {
                throw Failure.invalid("found.\(i).part_id", "field.no_such")
            }
            let place = f.place ?? check.place
            guard places.contains(place) else {
                throw Failure.invalid("found.\(i).place_id", "field.no_such")
            }
            if let (field, code) = fault(f, of: part) {
                throw Failure.invalid("found.\(i).\(field)", code)
            }
            if let owner = f.owner, let code = try ownerFault(owner, tx) {
                throw Failure.invalid("found.\(i).owner_id", code)
            }
            let key = StockKey(
                part: f.part, place: place, status: f.status, owner: f.owner?.text ?? "",
                batch: f.batch ?? "",
                serial: f.serial ?? "")
            let isListed = try tx.exists(
                """
                select 1 from stock_check_line where check_id = \(check.id) and part_id = \(key.part)
                  and place_id = \(key.place) and status = \(key.status) and owner = \(key.owner)
                  and batch = \(key.batch) and serial = \(key.serial)
                """)
            if isListed { throw Failure.conflict("stock.is_listed", ["number": part.number]) }
            try requireFree([key], in: [place], tx)
            next += 1
            var line = StockCheckLine(number: next, key: key, expected: 0, needsRecount: false)
            try tx.insert([line], of: check.id)
            line.counted = f.quantity
            line.book = try tx.onHand(key)
            line.countedBy = tx.actor.id
            line.countedAt = tx.now
            line.note = f.note
            try tx.update(line, of: check.id)
        }
        try record("stock.check_found", check, tx)
    }

    /// What a find of a part must say, and may not say.
    private static func fault(_ f: CountInput.Found, of part: Part) -> (field: String, code: String)? {
        switch part.tracking {
        case .serial:
            if f.serial == nil { return ("serial", "field.required") }
            if f.quantity != 1 { return ("quantity", "stock.serial_is_one") }
            return f.batch == nil ? nil : ("batch", "stock.no_batch")
        case .batch:
            if f.batch == nil { return ("batch", "field.required") }
            return f.serial == nil ? nil : ("serial", "stock.no_serial")
        case .none:
            if f.serial != nil { return ("serial", "stock.no_serial") }
            return f.batch == nil ? nil : ("batch", "stock.no_batch")
        }
    }

    /// Hands the sheet in. What differs by more than the tolerance is counted again by somebody else; then
    /// the difference waits for approval. Where nothing differs, the check ends.
    public static func submit(_ old: StockCheck, _ tx: Transaction) throws -> StockCheck {
        try requireKeeper(of: old.place, tx)
        guard old.state == .counting || old.state == .recounting else {
            throw Failure.conflict("stock.wrong_state", ["number": old.number])
        }
        var check = old
        var lines = try tx.checkLines(check.id)
        let open = lines.filter { $0.counted == nil }.count
        guard open == 0 else { throw Failure.conflict("stock.uncounted", ["count": String(open)]) }
        check.submittedBy = tx.actor.id
        check.submittedAt = tx.now
        if check.state == .counting {
            var again = 0
            let dear = try exact(check, tx)
            for i in lines.indices {
                let off = lines[i].difference.magnitude.multipliedReportingOverflow(by: 1000)
                let tolerance = dear.contains(lines[i].number) ? 0 : check.tolerancePermille.magnitude
                let allowed = (lines[i].book ?? 0).magnitude * tolerance
                guard lines[i].difference != 0, off.overflow || off.partialValue > allowed else { continue }
                again += 1
                lines[i].needsRecount = true
                lines[i].firstCounted = lines[i].counted
                lines[i].firstBy = lines[i].countedBy
                lines[i].counted = nil
                try tx.update(lines[i], of: check.id)
            }
            if again > 0 {
                check.state = .recounting
                try tx.update(&check)
                try record("stock.check_recounts", check, tx)
                return try tx.stockCheck(check.id) ?? check
            }
        }
        let differing = lines.filter { $0.difference != 0 }
        if differing.isEmpty {
            check.differenceMinor = 0
            return try end(check, as: .posted, tx)
        }
        check.differenceMinor = try worth(differing, tx)
        check.state = .counted
        try tx.update(&check)
        try record("stock.check_counted", check, tx)
        return check
    }

    /// Lines of class A parts, which have no tolerance.
    private static func exact(_ check: StockCheck, _ tx: Transaction) throws -> Set<Int> {
        guard check.tolerancePermille > 0 else { return [] }
        return Set(
            try tx.rows(
                """
                select l.number from stock_check_line l join part p on p.id = l.part_id
                where l.check_id = \(check.id) and p.abc = \(Part.ABC.a) and l.counted <> l.book
                """
            ) { $0.count() })
    }

    private static func worth(_ lines: [StockCheckLine], _ tx: Transaction) throws -> Int64 {
        var pools: [PartID: [CostPool.Layer]] = [:]
        var prices: [PartID: Int64] = [:]
        for l in try tx.layers(Set(lines.map(\.key.part)).sorted()) {
            prices[l.part] = l.price
            if let layer = l.layer, l.pool == .sound { pools[l.part, default: []].append(layer) }
        }
        var sum: Int64 = 0
        for line in lines where line.key.owner.isEmpty && line.key.status.pool == .sound {
            let pool = CostPool(.movingAverage, pools[line.key.part] ?? [])
            let unit = pool.quantity > 0 ? pool.estimate(1) : prices[line.key.part] ?? 0
            let value = unit.multipliedReportingOverflow(by: Int64(line.difference.magnitude))
            let next = sum.addingReportingOverflow(value.partialValue)
            if value.overflow || next.overflow { throw Failure.conflict("stock.too_large") }
            sum = next.partialValue
        }
        return sum
    }

    /// Who approves a difference, by what it is worth.
    static func approver(of check: StockCheck, _ tx: Transaction) throws -> Role {
        let worth = check.differenceMinor ?? 0
        if try worth > amount(.countManagementLimit, tx) { return .management }
        if try worth > amount(.countFinanceLimit, tx) { return .finance }
        return .serviceManager
    }

    /// Approves the difference, which posts it as found and missing, and ends the check.
    public static func approve(_ old: StockCheck, _ tx: Transaction) throws -> StockCheck {
        guard tx.actor.hasAny(Roles([.serviceManager, .finance, .management])) || Actor.isJob(tx.actor.name)
        else { throw Failure.forbidden() }
        guard old.state == .counted else {
            throw Failure.conflict("stock.wrong_state", ["number": old.number])
        }
        let role = try approver(of: old, tx)
        guard tx.actor.has(role) || Actor.isJob(tx.actor.name) else {
            throw Failure(
                .forbidden, "stock.other_approver", ["role": Strings.named("role.\(role.rawValue)")])
        }
        var lines = try tx.checkLines(old.id, "l.counted <> l.book")
        if let id = tx.actor.id, lines.contains(where: { $0.countedBy == id || $0.firstBy == id }) {
            throw Failure.forbidden("stock.own_approval")
        }
        var check = old
        check.approvedBy = tx.actor.id
        check.approvedAt = tx.now
        var worth: [String: Int64] = [:]
        let strays = try strays(&lines, of: check, &worth, tx)
        for all in [strays, lines] {
            for (place, own) in Dictionary(grouping: all, by: \.key.place).sorted(by: { $0.key < $1.key }) {
                let d: StockDocument
                do {
                    d = try postDifference(own, at: place, of: check, worth: worth, tx)
                } catch let refused as Failure where refused.code == "stock.insufficient" {
                    throw try reserved(own, tx) ?? refused
                }
                for line in d.lines where !line.serial.isEmpty && line.direction == .out {
                    worth[line.part.text + " " + line.serial] = line.valueMinor
                }
            }
        }
        return try end(check, as: .posted, tx)
    }

    private static func postDifference(
        _ lines: [StockCheckLine], at place: PlaceID, of check: StockCheck, worth: [String: Int64],
        _ tx: Transaction
    ) throws -> StockDocument {
        guard let here = try tx.place(place) else { throw Failure(.internal, "stock.broken") }
        let day = today(here.zone, tx)
        var d = StockDocument(
            id: tx.makeID(),
            number: try tx.nextStockNumber(
                StockDocument.Kind.countDifference.letters, year: CivilDate.date(dayNumber: day).year),
            kind: .countDifference, place: place, reason: check.number, createdBy: check.submittedBy,
            createdAt: tx.now)
        d.check = check.id
        d.submittedBy = check.submittedBy
        d.submittedAt = check.submittedAt
        d.approvedBy = tx.actor.id
        d.approvedAt = tx.now
        d.lines = lines.enumerated().map { i, line in
            var made = StockLine(
                number: i + 1, part: line.key.part, quantity: Int64(line.difference.magnitude))
            made.serial = line.key.serial
            made.batch = line.key.batch
            made.status = line.key.status
            made.toStatus = line.key.status
            made.owner = line.key.owner
            made.direction = line.difference > 0 ? .in : .out
            // What was only somewhere else is worth what it was there.
            if line.difference > 0, !line.key.serial.isEmpty {
                made.unitCostMinor = worth[line.key.part.text + " " + line.key.serial]
            }
            return made
        }
        let parts = try tx.parts(Set(d.lines.filter { !$0.batch.isEmpty }.map(\.part)).sorted())
        try fillExpiry(&d, parts, day, tx)
        let scope = Scope(place: here, toPlace: nil, parts: parts, today: day)
        return try post(d, isNew: true, scope, check: check.id, tx)
    }

    /// Gives a check up: nothing is posted, and its places move again.
    public static func cancel(_ old: StockCheck, reason: String, _ tx: Transaction) throws -> StockCheck {
        try requireKeeper(of: old.place, tx)
        guard old.state != .posted, old.state != .cancelled else {
            throw Failure.conflict("stock.wrong_state", ["number": old.number])
        }
        return try end(old, as: .cancelled, reason: reason, tx)
    }

    private static func end(
        _ old: StockCheck, as state: StockCheck.State, reason: String? = nil, _ tx: Transaction
    ) throws -> StockCheck {
        var check = old
        check.state = state
        try tx.run("delete from stock_freeze where check_id = \(check.id)")
        try tx.update(&check)
        try record(
            state == .posted ? "stock.check_posted" : "stock.check_cancelled", check, reason: reason, tx)
        return check
    }
}
