import Base
import People
import Spreadsheet
import Store
import Web

/// What the stock list and a list of movements show, all their pages, as CSV or XLSX.
enum StockExport {
    private typealias Cell = ListExport.Cell

    static func stock(_ call: Call, _ kit: Kit, _ format: ListExport.Format) async throws -> Reply {
        let actor = try call.actor()
        var query = try call.filter(StockListQuery.self)
        if query.view == .below { return try await below(call, kit, format, query.place) }
        query.paging = Paging(limit: 200)
        let first = query
        let fields = [
            "part_number", "name", "place", "status", "batch", "serial", "owner", "expires_on", "unit",
            "on_hand", "reserved", "available", "value",
        ]
        let list = ListExport("stock", title: call.t("stock.title"), heads: heads(fields, call)) { cursor in
            try await kit.store.read(by: actor) { tx in
                try StockAccess.requireReader(tx)
                var query = first
                query.paging.cursor = cursor
                let page = try Inventory.stockPage(query, call, tx)
                let table = try StockTable(page.items, call, tx)
                return (page.items.map { row($0, table) }, page.nextCursor)
            }
        }
        return try await list.reply(format, call)
    }

    /// What has fallen below its minimum, as the page shows it.
    private static func below(_ call: Call, _ kit: Kit, _ format: ListExport.Format, _ place: PlaceID?)
        async throws -> Reply
    {
        let actor = try call.actor()
        let fields = [
            "part_number", "name", "place", "available", "incoming", "minimum", "target", "order",
        ]
        let list = ListExport("stock-below", title: call.t("stock.view.below"), heads: heads(fields, call)) {
            cursor in
            try await kit.store.read(by: actor) { tx in
                try StockAccess.requireReader(tx)
                var paging = Paging(limit: 200)
                paging.cursor = cursor
                let page = try Inventory.proposalPage(place, paging, call, tx)
                var names = StockNames(call)
                try names.read(places: page.items.map(\.place), tx)
                let rows = page.items.map { p -> [Cell] in
                    let numbers = [p.available, p.incoming, p.minimum, p.target, p.quantity]
                    return [
                        .text(p.part.number), .text(p.part.name(in: call.language)),
                        .text(names.place(p.place)),
                    ] + numbers.map { .number(String($0)) }
                }
                return (rows, page.nextCursor)
            }
        }
        return try await list.reply(format, call)
    }

    private static func row(_ r: StockRow, _ table: StockTable) -> [Cell] {
        let b = r.balance
        return [
            .text(r.part.number), .text(r.part.name(in: table.call.language)),
            .text(table.names.place(b.key.place)),
            .text(table.call.t("stock.status.\(b.key.status.rawValue)")),
            .text(b.key.batch), .text(b.key.serial), .text(table.names.owner(b.key.owner) ?? ""),
            .text(StockWords.day(b.expiresOn) ?? ""), .text(StockWords.unit(r.part, table.call)),
            .number(String(b.onHand)), .number(String(b.reserved)), .number(String(b.available)),
            table.currency.map { .number(amount(b.valueMinor, $0)) } ?? .text(""),
        ]
    }

    static func movements(_ call: Call, _ kit: Kit, _ format: ListExport.Format) async throws -> Reply {
        let actor = try call.actor()
        var query = try call.filter(BalanceQuery.self)
        query.paging = Paging(limit: 200)
        let first = query
        let fields = [
            "posting", "at", "posted_on", "document", "part_number", "name", "quantity", "from",
            "from_status", "to", "to_status", "batch", "serial", "value",
        ]
        let list = ListExport("movements", title: call.t("stock.title"), heads: heads(fields, call)) {
            cursor in
            try await kit.store.read(by: actor) { tx in
                try StockAccess.requireReader(tx)
                var query = first
                query.paging.cursor = cursor
                let page = try Inventory.movementPage(query, call, tx)
                var names = StockNames(call)
                try names.read(parts: page.items.map(\.part), tx)
                try names.read(places: page.items.flatMap { [$0.from.place, $0.to.place] }, tx)
                let numbers = try tx.stockNumbers(page.items.map(\.document))
                let currency = StockAccess.seesValues(tx.actor) ? try Settings.currency(tx) : nil
                let rows = page.items.map { row($0, names, numbers[$0.document] ?? "", currency) }
                return (rows, page.nextCursor)
            }
        }
        return try await list.reply(format, call)
    }

    private static func row(_ m: StockMovement, _ names: StockNames, _ number: String, _ currency: String?)
        -> [Cell]
    {
        let call = names.call
        return [
            .number(String(m.posting)), .text(call.zone.wall(m.at).text),
            .text(CivilDate.text(dayNumber: m.postedOn)), .text(number),
            .text(names.parts[m.part]?.number ?? ""),
            .text(names.part(m.part)), .number(String(m.quantity)), .text(names.place(m.from.place)),
            .text(call.t("stock.status.\(m.from.status.rawValue)")), .text(names.place(m.to.place)),
            .text(call.t("stock.status.\(m.to.status.rawValue)")), .text(m.batch), .text(m.serial),
            currency.map { .number(amount(m.valueMinor, $0)) } ?? .text(""),
        ]
    }

    /// A plain decimal number, as a spreadsheet reads it.
    private static func amount(_ minor: Int64, _ currency: String) -> String {
        (minor < 0 ? "-" : "") + Money.typed(minor, currency)
    }

    private static func heads(_ fields: [String], _ call: Call) -> [String] {
        fields.map { field in
            field == "at" ? "\(call.t("stock.f.at")) (\(call.zone.identifier))" : call.t("stock.f.\(field)")
        }
    }
}
