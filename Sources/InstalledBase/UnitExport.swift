import Base
import Spreadsheet
import Store
import Web

/// `GET /product-units/export.csv` and `.xlsx`: the units that the list shows, all its pages.
enum UnitExport {
    private typealias Cell = ListExport.Cell

    private static let fields = [
        "serial", "batch", "model", "product_id", "customer_id", "project_id", "site_id", "use",
        "delivered_on", "accepted_on", "warranty_from", "warranty_until", "warranty_hours", "warranty",
        "operating_hours", "software_version", "note",
    ]

    static func reply(_ format: ListExport.Format, _ call: Call, _ kit: Kit) async throws -> Reply {
        let actor = try call.actor()
        var query = try call.filter(UnitQuery.self)
        query.paging = Paging(limit: 200)
        let first = query
        let heads = fields.map { InstalledParts.f($0, call) }
        let list = ListExport("product-units", title: call.t("units.sheet"), heads: heads) { cursor in
            try await kit.store.read(by: actor) { tx in
                var query = first
                query.paging.cursor = cursor
                let page = try InstalledBase.unitPage(query, call, tx)
                return (try rows(page.items, call, tx), page.nextCursor)
            }
        }
        return try await list.reply(format, call)
    }

    private static func rows(_ units: [ProductUnit], _ call: Call, _ tx: Transaction) throws -> [[Cell]] {
        let products = try tx.products(units.map(\.product))
        let places = try InstalledParts.Places(units, tx)
        let today = try InstalledBase.today(tx)
        let verdicts = try InstalledBase.warranties(units, on: today, tx)
        func text(_ s: String?) -> Cell { .text(s ?? "") }
        func day(_ d: Int?) -> Cell { text(d.map { CivilDate.text(dayNumber: $0) }) }
        func number(_ n: Int64?) -> Cell { .number(n.map { String($0) } ?? "") }
        return units.map { u in
            let product = products[u.product]
            let cover = verdicts[u.id].map {
                InstalledParts.warrantySentence($0, from: u.warrantyFrom, on: today, call)
            }
            return [
                text(u.serial), text(u.batch), text(product?.model), text(product?.name(in: call.language)),
                text(places.customer(u)), text(places.project(u)), text(places.site(u)),
                text(InstalledParts.use(u.use, call)), day(u.deliveredOn), day(u.acceptedOn),
                day(u.warrantyFrom), day(u.warrantyUntil), number(u.warrantyHours), text(cover),
                number(u.operatingHours), text(u.softwareVersion), text(u.note),
            ]
        }
    }
}
