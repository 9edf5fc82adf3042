import Base
import People
import Spreadsheet
import Store
import Web

/// The pages of parts, places, stock and its documents.
public enum InventoryPages {
    public static func routes(_ routes: inout Routes, _ neighbours: InventoryNeighbours) {
        page("/stock", &routes) { call, tx in try StockPage.page(call, tx) }
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
        page("/stock/documents/{id}", &routes) { call, tx in try StockDocumentPage.page(call, tx) }
        page("/stock/documents/{id}/edit", &routes) { call, tx in try StockDraftPage.edit(call, tx) }
        form("/stock/documents/{id}", &routes, again: StockDraftPage.edit) { call, tx in
            try StockDraftForm.retake(call, neighbours, tx, StockDraftPage.edit)
        }
        page("/stock/documents/{id}/paper", &routes) { call, tx in try StockPaper.page(call, tx) }
        for step in StockStep.allCases {
            form("/stock/documents/{id}/\(step.rawValue)", &routes, again: StockDocumentPage.page) {
                call, tx in
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
            return .redirect("/stock/parts/\(made.id.text)?done=saved")
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
        form("/stock/parts/{id}/batches/{batch}/concession", &routes, again: PartPage.page) { call, tx in
            let batch = try Inventory.batch(of: call, tx)
            try StockAccess.require(.quality, in: tx)
            let input = try call.input(ConcessionInput.self)
            _ = try Inventory.concede(batch, until: input.until ?? 0, reason: input.reason, tx)
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
        let isKeeper = actor.has(.keeper)
        return [
            NavigationGroup(
                "nav.stock",
                [
                    NavigationEntry("stock.title", "/stock", .box, isFirst: isKeeper),
                    NavigationEntry(
                        "nav.stock.documents", "/stock/documents", .swap,
                        count: actor.hasAny(Roles([.keeper, .serviceManager])) ? "stock" : nil,
                        isFirst: isKeeper),
                    NavigationEntry("nav.stock.checks", "/stock/checks", .scan, isFirst: isKeeper),
                    NavigationEntry("stock.reservations", "/stock/reservations", .clock),
                    NavigationEntry("stock.parts", "/stock/parts", .file),
                    NavigationEntry("stock.places", "/stock/places", .pin),
                ]
                    + (StockAccess.seesValues(actor)
                        ? [NavigationEntry("stock.periods", "/stock/periods", .calendar)] : []))
        ]
    }

    /// Documents that wait: for a service manager those to approve, for a keeper also those to post.
    public static func counts(_ tx: Transaction) throws -> [String: Int] {
        guard tx.actor.hasAny(Roles([.keeper, .serviceManager])) else { return [:] }
        let states: SQL =
            tx.actor.has(.keeper) ? "d.state in ('submitted', 'approved')" : "d.state = 'submitted'"
        let n = try tx.int(
            "select count(*) from (select 1 from stock_document d where \(states) limit 100) x")
        return ["stock": Int(n)]
    }
}

extension Inventory {
    static func batch(of call: Call, _ tx: Transaction) throws -> StockBatch {
        let part = try part(of: call, tx)
        let name = CleanText.foldIdentifier(call.parameter("batch"))
        guard let found = try tx.batches([part.id]).first(where: { $0.batch == name }) else {
            throw Failure.notFound()
        }
        return found
    }
}
