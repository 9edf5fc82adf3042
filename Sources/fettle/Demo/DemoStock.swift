import Base
import Inventory
import Store
import Web

/// What the demo house keeps in stock: its catalogue, its places and what lies there when the world begins.
struct DemoStock {
    let content: DemoContent
    let house: DemoHouse
    /// When the demo is looked at: batches are still good then.
    let now: Instant

    /// Places by the content's id.
    struct Places: Sendable {
        var places: [String: PlaceID] = [:]
    }

    func make(_ tx: Transaction) throws -> Places {
        let places = try places(tx)
        let parts = try parts(places, tx)
        try opening(places, parts, tx)
        return Places(places: places)
    }

    private func places(_ tx: Transaction) throws -> [String: PlaceID] {
        let kinds: [String: StockPlace.Kind] = [
            "store": .store, "store_zone": .zone, "depot": .depot, "site_store": .siteStore,
            "engineer_box": .box, "quarantine": .quarantine, "repair": .repair,
        ]
        var out: [String: PlaceID] = [:]
        for p in content.places {
            guard let kind = kinds[p.kind] else { continue }
            var new = PlaceInput(kind, name: p.name.hans, zone: p.timeZone ?? "Asia/Shanghai")
            new.nameEn = .set(p.name.en)
            new.parent = .set(p.parent.flatMap { out[$0] })
            new.site = .set(p.site.flatMap { house.sites[$0] })
            new.keeper = .set(p.keeper.flatMap { house.people[$0] })
            out[p.id] = try Inventory.add(new, tx).id
        }
        return out
    }

    private func parts(_ places: [String: PlaceID], _ tx: Transaction) throws -> [String: PartID] {
        var out: [String: PartID] = [:]
        // What succeeds another comes first.
        for p in content.parts.filter({ $0.supersededBy == nil })
            + content.parts.filter({ $0.supersededBy != nil })
        {
            var new = PartInput(
                number: p.number, name: p.name.hans, unit: p.unit,
                tracking: Part.Tracking(rawValue: p.tracking) ?? Part.Tracking.none)
            new.nameEn = .set(p.name.en)
            new.abc = Part.ABC(rawValue: p.abcClass)
            new.priceMinor = .set(p.priceFen)
            new.leadTimeDays = .set(p.leadTimeDays)
            new.shelfLifeMonths = .set(p.shelfLifeMonths)
            new.supplier = .set(p.supplier.flatMap { house.organizations[$0] })
            new.supersededBy = .set(p.supersededBy.flatMap { out[$0] })
            new.fits = try tx.rows("select id from product where code in \(list: p.fits)") { $0.text() }
            if p.minimumStock > 0, let place = places[Self.zone(p)] {
                new.minimums = [.init(place: place, minimum: p.minimumStock, target: p.minimumStock * 2)]
            }
            out[p.number] = try Inventory.add(new, tx).id
        }
        return out
    }

    /// Grease and batteries lie cool, electronics apart, all else in the first zone.
    static func zone(_ p: DemoContent.Part) -> String {
        p.shelfLifeMonths != nil ? "pl-cd-c" : p.tracking == "serial" ? "pl-cd-b" : "pl-cd-a"
    }

    /// Every tenth part is below its minimum; depots and boxes hold what is cheap and often needed.
    private func opening(_ places: [String: PlaceID], _ parts: [String: PartID], _ tx: Transaction) throws {
        var lines: [String: [LineInput]] = [:]
        let boxes = places.keys.filter { $0.hasPrefix("pl-box-") }.sorted()
        let depots = ["pl-nbo", "pl-vh", "pl-kzh", "pl-kesira", "pl-linlan"]
        for (n, p) in content.parts.enumerated() {
            guard let part = parts[p.number], p.supersededBy == nil || n % 2 == 0 else { continue }
            let isShort = n % 10 == 7
            let quantity = isShort ? max(1, p.minimumStock / 2) : p.minimumStock * 2 + 1
            lines[Self.zone(p), default: []] += stock(p, part, n, quantity)
            let isSmall = p.tracking != "serial" && p.priceFen < 100_000
            if isSmall {
                let box = boxes.isEmpty ? nil : boxes[n % boxes.count]
                for place in [box, depots[n % depots.count]].compactMap({ $0 }) {
                    lines[place, default: []] += stock(p, part, n, 3)
                }
            }
        }
        for (place, all) in lines.sorted(by: { $0.key < $1.key }) {
            guard let id = places[place] else { continue }
            for from in stride(from: 0, to: all.count, by: 100) {
                let some = Array(all[from..<min(from + 100, all.count)])
                try post(DocumentInput(place: id, reason: "期初库存", lines: some, submit: true), tx)
            }
        }
    }

    private func stock(_ p: DemoContent.Part, _ part: PartID, _ n: Int, _ quantity: Int64) -> [LineInput] {
        if p.tracking == "serial" {
            return (0..<quantity).map { i in
                var line = LineInput(part: part, quantity: 1, serial: "\(p.number)-24\(100 + i)")
                line.unitCostMinor = p.priceFen
                return line
            }
        }
        var line = LineInput(
            part: part, quantity: quantity, batch: p.tracking == "batch" ? "B24-\(100 + n)" : nil)
        line.unitCostMinor = p.priceFen
        if p.tracking == "batch", p.shelfLifeMonths != nil {
            // The first to expire does so soon.
            line.expiresOn = Zone.utc.wall(now).dayNumber + 30 + n * 3
        }
        return [line]
    }

    /// Above the limit somebody else has to agree, which the world's beginning does.
    private func post(_ input: DocumentInput, _ tx: Transaction) throws {
        let made = try Inventory.draw(.receipt, input, InventoryNeighbours(), tx)
        guard made.state == .submitted else { return }
        _ = try Inventory.post(Inventory.approve(made, tx), tx)
    }
}
