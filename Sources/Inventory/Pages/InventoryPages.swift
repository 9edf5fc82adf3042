import Base
import People
import Spreadsheet
import Store
import Web

/// The pages of parts, places, stock and its documents.
public enum InventoryPages {
    public static func routes(_ routes: inout Routes, _ neighbours: InventoryNeighbours) {
        page("/stock", &routes) { call, tx in try StockPage.page(call, tx) }
        page(StockDeskPage.path, &routes) { call, tx in try StockDeskPage.page(call, tx) }
        form("/stock/scan", &routes, again: StockPage.page) { call, tx in
            try StockDraftForm.take(call, neighbours, tx, StockPage.page)
        }
        for format in ListExport.Format.allCases {
            routes.free("GET", "/stock/export.\(format.rawValue)", surface: .page) { call, kit, _ in
                try await StockExport.stock(call, kit, format)
            }
            routes.free("GET", "/stock/movements/export.\(format.rawValue)", surface: .page) { call, kit, _ in
                try await StockExport.movements(call, kit, format)
            }
        }
        documentRoutes(&routes, neighbours)
        catalogueRoutes(&routes)
        StockCheckPages.routes(&routes)
        ReservationPages.routes(&routes, neighbours)
        PeriodPages.routes(&routes)
    }

    private static func documentRoutes(_ routes: inout Routes, _ neighbours: InventoryNeighbours) {
        page("/stock/documents", &routes) { call, tx in try StockDocumentsPage.page(call, tx) }
        page("/stock/documents/new", &routes) { call, tx in try StockDraftPage.new(call, tx) }
        form("/stock/documents", &routes, again: StockDraftPage.new) { call, tx in
            try StockDraftForm.take(call, neighbours, tx, StockDraftPage.new)
        }
        let one: @Sendable (Call, Transaction) throws -> Reply = { call, tx in
            try StockDocumentPage.page(call, neighbours, tx)
        }
        page("/stock/documents/{id}", &routes, one)
        page("/stock/documents/{id}/edit", &routes) { call, tx in try StockDraftPage.edit(call, tx) }
        form("/stock/documents/{id}", &routes, again: StockDraftPage.edit) { call, tx in
            try StockDraftForm.retake(call, neighbours, tx, StockDraftPage.edit)
        }
        page("/stock/documents/{id}/paper", &routes) { call, tx in
            try StockPaper.page(call, neighbours, tx)
        }
        for step in StockStep.allCases {
            form("/stock/documents/{id}/\(step.rawValue)", &routes, again: one) { call, tx in
                let d = try step.take(Inventory.document(of: call, nil, tx), call, tx)
                return .redirect("/stock/documents/\(d.number)?done=stock_\(step.rawValue)")
            }
        }
    }

    private static func catalogueRoutes(_ routes: inout Routes) {
        page("/stock/parts", &routes) { call, tx in try PartPages.list(call, tx) }
        page("/stock/parts/new", &routes) { call, tx in
            try StockAccess.requireKeeper(tx)
            return try PartPages.new(call, tx)
        }
        form("/stock/parts", &routes, again: PartPages.new) { call, tx in
            try StockAccess.requireKeeper(tx)
            let made = try Inventory.add(PartForm.read(call, tx).input(PartInput.self), tx)
            return .redirect(
                StockDraftPage.back(call.typed("then"), with: made.id)
                    ?? "/stock/parts/\(made.id.text)?done=saved")
        }
        page("/stock/parts/{id}", &routes) { call, tx in try PartPage.page(call, tx) }
        form("/stock/parts/{id}", &routes, again: PartPage.page) { call, tx in
            let part = try Inventory.part(of: call, tx)
            try StockAccess.requireKeeper(tx)
            try requireVersion(part.version, call)
            _ = try Inventory.change(part, PartForm.read(call, tx).input(PartInput.self), tx)
            return .redirect("/stock/parts/\(part.id.text)?done=saved")
        }
        page("/stock/parts/{id}/label", &routes) { call, tx in
            let part = try Inventory.part(of: call, tx)
            return try StockLabel.page(part, call, tx)
        }
        form("/stock/parts/{id}/concession", &routes, again: PartPage.page) { call, tx in
            let batch = try Inventory.conceded(call, tx)
            return .redirect("/stock/parts/\(batch.part.text)?done=saved")
        }
        page("/stock/places", &routes) { call, tx in try PlacePages.tree(call, tx) }
        page("/stock/places/new", &routes) { call, tx in
            try StockAccess.requireKeeper(tx)
            return try PlacePages.new(call, tx)
        }
        form("/stock/places", &routes, again: PlacePages.new) { call, tx in
            try StockAccess.requireKeeper(tx)
            let made = try Inventory.add(call.input(PlaceInput.self), tx)
            return .redirect("/stock/places/\(made.id.text)?done=saved")
        }
        page("/stock/places/{id}", &routes) { call, tx in try PlacePages.one(call, tx) }
        form("/stock/places/{id}", &routes, again: PlacePages.one) { call, tx in
            let place = try Inventory.place(of: call, tx)
            try StockAccess.requireKeeper(tx)
            try requireVersion(place.version, call)
            _ = try Inventory.change(place, call.input(PlaceInput.self), tx)
            return .redirect("/stock/places/\(place.id.text)?done=saved")
        }
        page("/stock/places/{id}/label", &routes) { call, tx in
            try StockLabel.page(Inventory.place(of: call, tx), call, tx)
        }
    }

    /// A page that exists for those who may read stock alone.
    static func page(
        _ path: String, _ routes: inout Routes,
        _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
    ) {
        routes.page(path) { call, tx in
            try StockAccess.requireReader(tx)
            return try body(call, tx)
        }
    }

    static func form(
        _ path: String, _ routes: inout Routes,
        again: @escaping @Sendable (Call, Transaction) throws -> Reply,
        _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
    ) {
        let shown: @Sendable (Call, Transaction) throws -> Reply = { call, tx in
            try StockAccess.requireReader(tx)
            return try again(call, tx)
        }
        routes.form(path, again: shown) { call, tx in
            try StockAccess.requireReader(tx)
            return try body(call, tx)
        }
    }

    /// The form was drawn from the version that still stands.
    static func requireVersion(_ version: Int64, _ call: Call) throws {
        guard call.typed("version") == String(version) else {
            throw Failure(.preconditionFailed, "precondition.failed")
        }
    }

    /// The places of this area in the navigation of a person.
    public static func navigation(for actor: Actor) -> [NavigationGroup] {
        guard actor.hasAny(StockAccess.readers) else { return [] }
        // Of a phone's four places, those that the reader needs most.
        let first: Set<String> =
            actor.has(.keeper)
            ? [StockDeskPage.path, "/stock", "/stock/documents", "/stock/checks"]
            : actor.has(.finance) ? [StockDeskPage.path, "/stock", "/stock/checks", "/stock/periods"] : []
        func entry(_ name: String, _ path: String, _ icon: Icon, count: String? = nil) -> NavigationEntry {
            NavigationEntry(name, path, icon, count: count, isFirst: first.contains(path))
        }
        let desk = actor.hasAny(Roles([.keeper, .finance, .siteLead, .management]))
        let approves = actor.has(.serviceManager)
        let posts = actor.hasAny(Roles([.keeper, .serviceManager, .siteLead]))
        return [
            NavigationGroup(
                "nav.stock",
                (desk ? [entry("stock.desk", StockDeskPage.path, .inbox)] : []) + [
                    entry("stock.title", "/stock", .box),
                    entry("nav.stock.documents", "/stock/documents", .swap, count: posts ? "stock" : nil),
                    entry("nav.stock.checks", "/stock/checks", .scan),
                    entry(
                        "stock.reservations", "/stock/reservations", .clock,
                        count: approves ? "stock.reservations" : nil),
                    entry("stock.parts", "/stock/parts", .file),
                    entry("stock.places", "/stock/places", .pin),
                ]
                    + (StockAccess.seesValues(actor)
                        ? [entry("stock.periods", "/stock/periods", .calendar)] : []))
        ]
    }

    /// How much waits for the reader, checks too.
    public static func waitingCount(_ tx: Transaction) throws -> Int { try StockWaiting.total(tx) }

    /// What waits for the reader, beside the entries of the navigation.
    public static func counts(_ tx: Transaction) throws -> [String: Int] { try StockWaiting.counts(tx) }
}
