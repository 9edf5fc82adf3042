import Base
import Foundation
import People
import Spreadsheet
import Store
import Web

/// What the stock list and a list of movements show, all their pages, as CSV or XLSX. Written page by page:
/// neither memory nor a transaction grows with them.
enum StockExport {
    enum Format: String, CaseIterable { case csv, xlsx }

    enum Cell: Sendable {
        case text(String)
        case number(String)
    }

    static func stock(_ call: Call, _ kit: Kit, _ format: Format) async throws -> Reply {
        let actor = try call.actor()
        var query = try call.filter(StockListQuery.self)
        if query.view == .below { query.view = .all }
        query.paging = Paging(limit: 200)
        let first = query
        let heads =
            [
                "part_number", "name", "place", "status", "batch", "serial", "owner", "expires_on", "unit",
                "on_hand", "reserved", "available", "value",
            ]
        return try await reply("stock", heads, call, kit, format) { cursor in
            try await kit.store.read(by: actor) { tx in
                try StockAccess.requireReader(tx)
                var query = first
                query.paging.cursor = cursor
                let page = try Inventory.stockPage(query, call, tx)
                let table = try StockTable(page.items, call, tx)
                return (page.items.map { row($0, table) }, page.nextCursor)
            }
        }
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

    static func movements(_ call: Call, _ kit: Kit, _ format: Format) async throws -> Reply {
        let actor = try call.actor()
        var query = try call.filter(BalanceQuery.self)
        query.paging = Paging(limit: 200)
        let first = query
        let heads = [
            "posting", "at", "posted_on", "document", "part_number", "name", "quantity", "from",
            "from_status", "to", "to_status", "batch", "serial", "value",
        ]
        return try await reply("movements", heads, call, kit, format) { cursor in
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

    // MARK: Files

    private static func reply(
        _ name: String, _ fields: [String], _ call: Call, _ kit: Kit, _ format: Format,
        _ page: @escaping @Sendable (String?) async throws -> ([[Cell]], String?)
    ) async throws -> Reply {
        // Who may not read it hears so now, not in the middle of a file.
        let actor = try call.actor()
        try await kit.store.read(by: actor) { try StockAccess.requireReader($0) }
        let heads = fields.map { field in
            field == "at" ? "\(call.t("stock.f.at")) (\(call.zone.identifier))" : call.t("stock.f.\(field)")
        }
        let day = CivilDate.text(dayNumber: call.zone.wall(call.now).dayNumber)
        let type =
            format == .csv
            ? "text/csv; charset=utf-8"
            : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return Reply(
            headers: [
                ("Content-Type", type),
                ("Content-Disposition", "attachment; filename=\"\(name)-\(day).\(format.rawValue)\""),
                ("Cache-Control", "no-store"),
            ],
            body: format == .csv
                ? csv(heads, page) : try await workbook(call.t("stock.title"), heads, page))
    }

    private struct Place: Sendable {
        var cursor: String?
        var isDone = false
    }

    private static func csv(
        _ heads: [String], _ page: @escaping @Sendable (String?) async throws -> ([[Cell]], String?)
    ) -> Reply.Body {
        let place = Locked(Place())
        return .chunks { index in
            let at = place.withLock { $0 }
            guard !at.isDone else { return nil }
            let (rows, next) = try await page(at.cursor)
            place.withLock { $0 = Place(cursor: next, isDone: next == nil) }
            var writer = CSV.Writer()
            if index == 0 { writer.row(heads) } else { _ = writer.take() }
            for row in rows {
                writer.row(
                    row.map { cell -> CSV.Cell in
                        switch cell {
                        case .text(let s): .text(s)
                        case .number(let s): .number(s)
                        }
                    })
            }
            return writer.take()
        }
    }

    /// The library writes a file: it is put together beside the data, sent, and forgotten.
    private static func workbook(
        _ title: String, _ heads: [String],
        _ page: @Sendable (String?) async throws -> ([[Cell]], String?)
    ) async throws -> Reply.Body {
        let path = NSTemporaryDirectory() + "fettle-" + UUID().uuidString + ".xlsx"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let book = try XLSXWriter(path: path, sheet: title, columns: heads.map { ($0, 16) })
        var cursor: String?
        repeat {
            let (rows, next) = try await page(cursor)
            for row in rows {
                try book.write(
                    row.map { cell -> XLSXWriter.Cell in
                        switch cell {
                        case .text(let s): s.isEmpty ? .empty : .text(s)
                        case .number(let s): Double(s).map { .number($0) } ?? .text(s)
                        }
                    })
            }
            cursor = next
        } while cursor != nil
        try book.finish()
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.internal, "file.unwritable", ["file": "export"])
        }
        return .bytes(Array(data))
    }
}
