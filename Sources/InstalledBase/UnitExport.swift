import Base
import Foundation
import Spreadsheet
import Store
import Web

/// `GET /product-units/export.csv` and `.xlsx`: the units that the list shows, all its pages.
enum UnitExport {
    enum Format: String, CaseIterable, Sendable { case csv, xlsx }

    private static let page = 200

    private static let names = [
        "serial", "batch", "model", "product_id", "customer_id", "project_id", "site_id", "use",
        "delivered_on", "accepted_on", "warranty_from", "warranty_until", "warranty_hours", "warranty",
        "operating_hours", "software_version", "note",
    ]

    enum Cell: Sendable {
        case text(String?)
        case number(Int64?)
    }

    static func reply(_ format: Format, _ call: Call, _ kit: Kit) async throws -> Reply {
        let actor = try call.actor()
        guard actor.hasAny(InstalledAccess.readers) else { throw Failure.notFound() }
        let filter = try call.filter(UnitQuery.self).filter
        let day = CivilDate.text(dayNumber: call.zone.wall(call.now).dayNumber)
        let body: Reply.Body
        switch format {
        case .csv: body = csv(call, filter, actor, kit.store)
        case .xlsx: body = .bytes(try await sheet(call, filter, actor, kit.store))
        }
        let type =
            format == .csv
            ? "text/csv; charset=utf-8" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return Reply(
            headers: [
                ("Content-Type", type),
                ("Content-Disposition", "attachment; filename=\"product-units-\(day).\(format.rawValue)\""),
                ("Cache-Control", "no-store"),
            ], body: body)
    }

    private static func head(_ call: Call) -> [String] { names.map { InstalledParts.f($0, call) } }

    /// The next rows, a short transaction each, with the key to go on from.
    private static func rows(
        _ call: Call, _ filter: UnitFilter, after: (String, String)?, _ actor: Actor, _ store: Store
    ) async throws -> (rows: [[Cell]], last: (String, String)?) {
        try await store.read(by: actor) { tx in
            let units = try tx.productUnits(filter, after: after, limit: page)
            let products = try tx.products(units.map(\.product))
            let places = try InstalledParts.Places(units, tx)
            let today = try InstalledBase.today(tx)
            let verdicts = try InstalledBase.warranties(units, on: today, tx)
            let rows = units.map { u -> [Cell] in
                let cover = verdicts[u.id].map {
                    InstalledParts.warrantySentence($0, from: u.warrantyFrom, on: today, call)
                }
                func day(_ d: Int?) -> Cell { .text(d.map { CivilDate.text(dayNumber: $0) }) }
                let product = products[u.product]
                return [
                    .text(u.serial), .text(u.batch), .text(product?.model),
                    .text(product?.name(in: call.language)), .text(places.customer(u)),
                    .text(places.project(u)), .text(places.site(u)), .text(InstalledParts.use(u.use, call)),
                    day(u.deliveredOn), day(u.acceptedOn), day(u.warrantyFrom), day(u.warrantyUntil),
                    .number(u.warrantyHours), .text(cover), .number(u.operatingHours),
                    .text(u.softwareVersion), .text(u.note),
                ]
            }
            let last = units.count == page ? units.last.map { ($0.serial, $0.id.text) } : nil
            return (rows, last)
        }
    }

    private struct Place: Sendable {
        var after: (String, String)?
        var isDone = false
    }

    private static func csv(_ call: Call, _ filter: UnitFilter, _ actor: Actor, _ store: Store) -> Reply.Body
    {
        let place = Locked(Place())
        return .chunks { index in
            let at = place.withLock { $0 }
            guard !at.isDone else { return nil }
            let (rows, last) = try await rows(call, filter, after: at.after, actor, store)
            var writer = CSV.Writer()
            if index == 0 { writer.row(head(call)) } else { _ = writer.take() }
            for row in rows {
                writer.row(
                    row.map { cell in
                        switch cell {
                        case .text(let s): .text(s ?? "")
                        case .number(let n): .number(n.map(String.init) ?? "")
                        }
                    })
            }
            place.withLock { $0 = Place(after: last, isDone: last == nil) }
            return writer.take()
        }
    }

    /// The library writes files, so there is one for as long as this takes.
    private static func sheet(_ call: Call, _ filter: UnitFilter, _ actor: Actor, _ store: Store) async throws
        -> [UInt8]
    {
        let path = NSTemporaryDirectory() + "fettle-\(UUID().uuidString).xlsx"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var all: [[Cell]] = []
        var after: (String, String)?
        repeat {
            let (some, last) = try await rows(call, filter, after: after, actor, store)
            all += some
            after = last
        } while after != nil && all.count < XLSXWriter.mostRows - 1
        let writer = try XLSXWriter(
            path: path, sheet: call.t("units.sheet"), columns: head(call).map { ($0, 18) })
        for row in all {
            try writer.write(
                row.map { cell in
                    switch cell {
                    case .text(let s): s.map { .text($0) } ?? .empty
                    case .number(let n): n.map { .number(Double($0)) } ?? .empty
                    }
                })
        }
        try writer.finish()
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.internal, "file.unwritable", ["file": path])
        }
        return Array(data)
    }
}
