import Base
import Store
import Web

// The API of documents, stock and movements.
extension Inventory {
    /// Each kind of document under its own name.
    static let paths: [(String, StockDocument.Kind)] = [
        ("receipts", .receipt), ("issues", .issue), ("shipments", .shipment), ("loans", .loan),
        ("returns", .return), ("transfers", .transfer), ("scrappings", .scrapping),
        ("adjustments", .adjustment), ("status-changes", .statusChange), ("kits", .kit),
        ("unkits", .unkit), ("count-differences", .countDifference),
    ]

    public static func routes(_ routes: inout Routes, _ neighbours: InventoryNeighbours) {
        catalogueRoutes(&routes)
        stockRoutes(&routes)
        supplyRoutes(&routes)
        reservationRoutes(&routes, neighbours)
        accountRoutes(&routes)
        checkRoutes(&routes)
        for (path, kind) in paths { documentRoutes(path, kind, &routes, neighbours) }
    }

    /// A route that exists for those who may read stock alone.
    static func read(
        _ path: String, _ doc: Route.Doc, _ routes: inout Routes,
        _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
    ) {
        routes.get(path, doc) { call, tx in
            try StockAccess.requireReader(tx)
            return try body(call, tx)
        }
    }

    static func write(
        _ method: String = "POST", _ path: String, _ doc: Route.Doc, _ routes: inout Routes,
        _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
    ) {
        var doc = doc
        doc.needsMatch = method == "PATCH"
        routes.change(method, path, doc) { call, tx in
            try StockAccess.requireReader(tx)
            return try body(call, tx)
        }
    }

    private static func stockRoutes(_ routes: inout Routes) {
        read(
            "/balances",
            .init(
                "What is on hand", tag: "stock", query: BalanceQuery.self, answer: .page(StockJSON.balance)),
            &routes
        ) { call, tx in
            let page = try balancePage(call.filter(), call, tx)
            let sees = StockAccess.seesValues(tx.actor)
            return Reply.json(
                Page(items: page.items.map { ($0, sees) }, nextCursor: page.nextCursor), StockJSON.balance)
        }
        read(
            "/movements",
            .init(
                "What moved, the newest first", tag: "stock", query: BalanceQuery.self,
                answer: .page(StockJSON.movement)), &routes
        ) { call, tx in
            let page = try movementPage(call.filter(), call, tx)
            let sees = StockAccess.seesValues(tx.actor)
            return Reply.json(
                Page(items: page.items.map { ($0, sees) }, nextCursor: page.nextCursor), StockJSON.movement)
        }
    }

    // MARK: Documents

    private static func documentRoutes(
        _ path: String, _ kind: StockDocument.Kind, _ routes: inout Routes,
        _ neighbours: InventoryNeighbours
    ) {
        let one = AnswerSchema.one(StockJSON.document)
        read(
            "/\(path)",
            .init(
                "Documents, the newest first", tag: path, query: DocumentQuery.self,
                answer: .page(StockJSON.document)), &routes
        ) { call, tx in
            let page = try documentPage(kind, call.filter(), call, tx)
            let places = try tx.places(
                Set(page.items.flatMap { [$0.place] + [$0.toPlace].compactMap { $0 } }).sorted())
            return try Reply.json(
                page.map { d in
                    whole(d, allowed: try StockStep.open(d, in: places, isExact: false, tx), tx)
                },
                StockJSON.document)
        }
        read("/\(path)/{id}", .init("A document", tag: path, answer: one), &routes) { call, tx in
            let d = try valued(document(of: call, kind, tx), tx)
            return try Reply.json(whole(d, tx), StockJSON.document).tagged(d.version)
        }
        func step<Input: Command>(
            _ name: String, _ summary: String, _: Input.Type,
            _ body:
                @escaping @Sendable (StockDocument, () throws -> Input, Transaction) throws ->
                StockDocument
        ) {
            write(
                "POST", "/\(path)/{id}/\(name)", .init(summary, tag: path, body: Input.self, answer: one),
                &routes
            ) { call, tx in
                let old = try document(of: call, kind, tx)
                let new = try valued(body(old, { try call.input(Input.self) }, tx), tx)
                return try Reply.json(whole(new, tx), StockJSON.document).tagged(new.version)
            }
        }
        if kind != .countDifference {
            write(
                "POST", "/\(path)",
                .init("Draw up a document", tag: path, body: DocumentInput.self, answer: one, status: 201),
                &routes
            ) { call, tx in
                guard StockAccess.mayDrawSomewhere(kind, tx.actor) else { throw Failure.forbidden() }
                let made = try draw(kind, call.input(), neighbours, tx)
                return try Reply.created(
                    StockJSON.document.json(whole(made, tx)), at: "/api/v1/\(path)/\(made.id.text)"
                ).tagged(made.version)
            }
            write(
                "PATCH", "/\(path)/{id}",
                .init("Replace what a draft says", tag: path, body: DocumentInput.self, answer: one),
                &routes
            ) { call, tx in
                let old = try document(of: call, kind, tx)
                try requireDrawer(old, tx)
                try call.requireVersion(old.version)
                let new = try redraw(old, call.input(), neighbours, tx)
                return try Reply.json(whole(new, tx), StockJSON.document).tagged(new.version)
            }
            step("submission", "Submit a draft; below the limit it is posted", Nothing.self) { d, _, tx in
                try submit(d, tx)
            }
            step("withdrawal", "Give up what is not posted yet", Nothing.self) { d, _, tx in
                try withdraw(d, tx)
            }
        }
        step("approval", "Agree to a document or a loss above the limit", Nothing.self) { d, _, tx in
            try approve(d, tx)
        }
        step("rejection", "Give a document or a reported loss back", ReasonInput.self) { d, input, tx in
            try requireRejecter(d, tx)
            return try reject(d, reason: input().reason, tx)
        }
        step("posting", "Post what was asked for or approved", Nothing.self) { d, _, tx in try post(d, tx) }
        step("reversal", "Post the exact negative", ReasonInput.self) { d, input, tx in
            try requireReverser(d, tx)
            try requireReversible(d)
            return try reverse(d, reason: input().reason, tx)
        }
        if kind == .transfer || kind == .shipment {
            step("receipt", "What was sent arrives or is written off", ArrivalInput.self) { d, input, tx in
                try requireReceiver(d, tx)
                return try arrive(d, input(), tx)
            }
        }
        if kind == .loan {
            step("return", "What was lent comes back", LoanReturnInput.self) { d, input, tx in
                try requireReceiver(d, tx)
                return try takeBack(d, input(), tx)
            }
        }
    }

    static func document(of call: Call, _ kind: StockDocument.Kind?, _ tx: Transaction) throws
        -> StockDocument
    {
        guard let found = try tx.stockDocument(call.parameter("id"), kind: kind) else {
            throw Failure.notFound()
        }
        return found
    }

    /// With what each line moved, for whoever may see it.
    static func valued(_ d: StockDocument, _ tx: Transaction) throws -> StockDocument {
        guard d.posting != nil, StockAccess.seesValues(tx.actor),
            d.lines.contains(where: { $0.valueMinor == nil })
        else { return d }
        var out = d
        var sums: [Int: Int64] = [:]
        for m in try tx.movements(of: d.id) where m.posting == d.posting {
            sums[m.line, default: 0] += m.valueMinor
        }
        for i in out.lines.indices { out.lines[i].valueMinor = sums[out.lines[i].number] }
        return out
    }

    static func whole(_ d: StockDocument, _ tx: Transaction) throws -> StockJSON.WholeDocument {
        try whole(d, allowed: StockStep.open(d, tx), tx)
    }

    private static func whole(_ d: StockDocument, allowed: [StockStep], _ tx: Transaction)
        -> StockJSON.WholeDocument
    {
        StockJSON.WholeDocument(
            document: d, seesValue: StockAccess.seesValues(tx.actor), allowed: allowed.map(\.rawValue))
    }
}
