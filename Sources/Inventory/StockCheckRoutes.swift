import Base
import Store
import Web

struct CheckQuery: Command {
    var state: StockCheck.State?
    var place: PlaceID?
    var paging: Paging
    init(_ read: inout FieldReader) {
        state = read.optionalChoice("state")
        place = read.optionalID("place")
        paging = Paging(&read)
    }
}

struct SheetQuery: Command {
    var open: Bool
    var paging: Paging
    init(_ read: inout FieldReader) {
        open = read.bool("open")
        paging = Paging(&read)
    }
}

extension StockJSON {
    static let check = Shape<(StockCheck, Bool)>(
        "StockCheck",
        [
            .text("id") { $0.0.id }, .text("number") { $0.0.number }, .choice("kind") { $0.0.kind },
            .choice("state") { $0.0.state }, .text("place_id") { $0.0.place.text },
            .choice("abc") { $0.0.abc }, .bool("blind") { $0.0.isBlind },
            .bool("frozen") { $0.0.isFrozen }, .int("tolerance_permille") { $0.0.tolerancePermille },
            .int("snapshot") { $0.0.snapshot }, .int("line_count") { $0.0.lineCount },
            .int("counted_lines") { $0.0.countedLines },
            .int("difference_minor") { $0.1 ? $0.0.differenceMinor : nil },
            .optionalText("created_by") { $0.0.createdBy?.text }, .time("created_at") { $0.0.createdAt },
            .optionalText("submitted_by") { $0.0.submittedBy?.text },
            .time("submitted_at") { $0.0.submittedAt },
            .optionalText("approved_by") { $0.0.approvedBy?.text },
            .time("approved_at") { $0.0.approvedAt },
            .any("counter_ids", schema: .make(["type": "array", "items": .make(["type": "string"])])) {
                .array($0.0.counters.map { .string($0.text) })
            },
            .int("version") { $0.0.version },
        ])

    /// A line as the counter sees it: of a blind check the books stay hidden until all is counted.
    static let checkLine = Shape<(StockCheckLine, Bool)>(
        "StockCheckLine",
        [
            .int("line") { Int64($0.0.number) }, .text("part_id") { $0.0.key.part.text },
            .text("place_id") { $0.0.key.place.text }, .choice("status") { $0.0.key.status },
            .optionalText("owner") { $0.0.key.owner.orNil },
            .optionalText("batch") { $0.0.key.batch.orNil },
            .optionalText("serial") { $0.0.key.serial.orNil },
            .int("expected") { $0.1 ? $0.0.expected : nil },
            .int("moved") { line in line.1 ? line.0.book.map { $0 - line.0.expected } : nil },
            .int("counted") { $0.0.counted },
            .int("difference") { $0.1 && $0.0.counted != nil ? $0.0.difference : nil },
            .optionalText("counted_by") { $0.0.countedBy?.text }, .time("counted_at") { $0.0.countedAt },
            .bool("needs_recount") { $0.0.needsRecount },
            .int("first_counted") { $0.1 ? $0.0.firstCounted : nil },
            .optionalText("note") { $0.0.note },
        ])
}

extension Inventory {
    /// Whether the books may be shown beside the count.
    static func showsBooks(_ check: StockCheck) -> Bool {
        !check.isBlind || [.counted, .posted, .cancelled].contains(check.state)
    }

    /// Stock checks, the newest first.
    static func checkPage(_ call: Call, _ tx: Transaction) throws -> Page<StockCheck> {
        let query = try call.filter(CheckQuery.self)
        let list = Listing(
            "checks", query.paging, narrowedBy: [query.state?.rawValue, query.place?.text], call)
        var conditions: [SQL] = ["1 = 1"]
        if let state = query.state { conditions.append("c.state = \(state)") }
        if let place = query.place { conditions.append("c.place_id = \(place)") }
        return list.page(
            try tx.stockChecks(conditions.joined(" and "), after: list.after(1)?[0], limit: list.asked)
        ) { [$0.id] }
    }

    static func checkRoutes(_ routes: inout Routes) {
        let one = AnswerSchema.one(StockJSON.check)
        read(
            "/stock-checks",
            .init(
                "Stock checks, the newest first", tag: "stock-checks", query: CheckQuery.self,
                answer: .page(StockJSON.check)), &routes
        ) { call, tx in
            let sees = StockAccess.seesValues(tx.actor)
            return Reply.json(try checkPage(call, tx).map { ($0, sees) }, StockJSON.check)
        }
        read("/stock-checks/{id}", .init("A stock check", tag: "stock-checks", answer: one), &routes) {
            call, tx in
            try answer(check(of: call, tx), tx)
        }
        read(
            "/stock-checks/{id}/lines",
            .init(
                "What is counted", tag: "stock-checks", query: SheetQuery.self,
                answer: .page(StockJSON.checkLine)), &routes
        ) { call, tx in
            let check = try check(of: call, tx)
            let query = try call.filter(SheetQuery.self)
            let list = Listing("sheet", query.paging, narrowedBy: [check.id, String(query.open)], call)
            var more: SQL = "l.number > \(try list.after(1).flatMap { Int64($0[0]) } ?? 0)"
            if query.open { more += " and l.counted is null" }
            let page = list.page(try tx.checkLines(check.id, more, limit: list.asked)) { [String($0.number)] }
            let shows = showsBooks(check)
            return Reply.json(page.map { ($0, shows) }, StockJSON.checkLine)
        }
        write(
            "POST", "/stock-checks",
            .init(
                "Begin a stock check", tag: "stock-checks", body: CheckInput.self, answer: one, status: 201),
            &routes
        ) { call, tx in
            guard StockAccess.mayDrawSomewhere(.adjustment, tx.actor) else { throw Failure.forbidden() }
            let made = try begin(call.input(), tx)
            return Reply.created(
                StockJSON.check.json((made, StockAccess.seesValues(tx.actor))),
                at: "/api/v1/stock-checks/\(made.id)"
            ).tagged(made.version)
        }
        step("counts", "Write down what was counted", CountInput.self, &routes) { check, input, tx in
            try requireCounter(check, tx)
            return try count(check, input(), tx)
        }
        step("submission", "Hand the sheet in", Nothing.self, &routes) { check, _, tx in
            try submit(check, tx)
        }
        step("approval", "Approve the difference, which posts it", Nothing.self, &routes) { check, _, tx in
            try approve(check, tx)
        }
        step("cancellation", "Give the check up", ReasonInput.self, &routes) { check, input, tx in
            try requireKeeper(of: check.place, tx)
            return try cancel(check, reason: input().reason, tx)
        }
    }

    /// Who may be named to count.
    static let counters: [Role] = [.keeper, .siteLead, .engineer]

    private static func step<Input: Command>(
        _ name: String, _ summary: String, _: Input.Type, _ routes: inout Routes,
        _ body: @escaping @Sendable (StockCheck, () throws -> Input, Transaction) throws -> StockCheck
    ) {
        write(
            "POST", "/stock-checks/{id}/\(name)",
            .init(summary, tag: "stock-checks", body: Input.self, answer: .one(StockJSON.check)), &routes
        ) { call, tx in
            try answer(body(check(of: call, tx), { try call.input(Input.self) }, tx), tx)
        }
    }

    private static func answer(_ check: StockCheck, _ tx: Transaction) throws -> Reply {
        Reply.json((check, StockAccess.seesValues(tx.actor)), StockJSON.check).tagged(check.version)
    }

    static func check(of call: Call, _ tx: Transaction) throws -> StockCheck {
        guard let check = try tx.stockCheck(call.parameter("id")) else { throw Failure.notFound() }
        return check
    }
}
