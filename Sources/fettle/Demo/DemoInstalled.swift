import Base
import InstalledBase
import Store

/// What the demo house has sold: its catalogue, the units with their readings and a few downtimes, and
/// the contracts of its projects.
struct DemoInstalled {
    let content: DemoContent
    let house: DemoHouse
    /// When the demo is looked at: readings and downtimes lie before it.
    let now: Instant

    func make(_ tx: Transaction) throws {
        let products = try products(tx)
        try contracts(tx)
        for (n, u) in content.units.enumerated() {
            guard let product = products[u.product] else { continue }
            try unit(u, n, product, tx)
        }
    }

    private func products(_ tx: Transaction) throws -> [String: ProductID] {
        var out: [String: ProductID] = [:]
        for p in content.products.values.sorted(by: { $0.id < $1.id }) {
            var new = NewProduct(.system, code: p.id, name: p.name.hans)
            new.nameEn = p.name.en
            new.model = p.model
            // One model is new enough to be watched.
            new.watchedTickets = p.id == "GA45" ? 20 : 0
            let system = try InstalledBase.add(new, tx).id
            out[p.id] = system
            for s in p.subsystems {
                var part = NewProduct(.subsystem, code: s.id, name: s.name.hans, parent: system)
                part.nameEn = s.name.en
                let subsystem = try InstalledBase.add(part, tx).id
                for position in s.positions {
                    var leaf = NewProduct(
                        .position, code: position.id, name: position.name.hans, parent: subsystem)
                    leaf.nameEn = position.name.en
                    _ = try InstalledBase.add(leaf, tx)
                }
            }
        }
        return out
    }

    private func contracts(_ tx: Transaction) throws {
        for p in content.projects {
            guard let customer = house.organizations[p.customer],
                let from = CivilDate.parse(p.contract.serviceFrom),
                let until = CivilDate.parse(p.contract.serviceUntil)
            else { continue }
            var new = NewContract(
                number: p.contract.number, name: p.name.hans, customer: customer, from: from, until: until)
            new.nameEn = p.name.en
            new.project = house.projects[p.id]
            new.included = [.support, .inspection, .repair, .software]
            new.charged = [.spares, .travel]
            _ = try InstalledBase.add(new, tx)
        }
    }

    private func unit(_ u: DemoContent.Unit, _ n: Int, _ product: ProductID, _ tx: Transaction) throws {
        var new = NewProductUnit(product: product, serial: u.serial)
        new.site = u.site.flatMap { house.sites[$0] }
        new.project = u.project.flatMap { house.projects[$0] }
        let owner = content.organizations.first { $0.id == u.owner }
        new.customer = owner?.kind == "customer" ? house.organizations[owner?.id ?? ""] : nil
        // What is lent stays the house's, but stands at a customer's.
        if new.customer == nil, u.use == "house" { (new.site, new.project) = (nil, nil) }
        new.deliveredOn = u.delivered.flatMap { CivilDate.parse($0) }
        new.acceptedOn = new.deliveredOn.map { $0 + 12 + n % 5 * 6 }
        new.warrantyFrom = new.deliveredOn
        new.warrantyUntil = u.warrantyUntil.flatMap { CivilDate.parse($0) }
        // Units of one product that were built in one year share a batch.
        new.batch = u.serial.split(separator: "-").dropFirst().first.map { "\(u.product)-\($0)" }
        new.softwareVersion = u.softwareVersion
        new.use = ProductUnit.Use(rawValue: u.use) ?? .installed
        new.note = u.note?.hans
        let unit = try InstalledBase.add(new, tx)
        try hours(u, unit, tx)
        if n % 7 == 3 { try downtime(unit, n, tx) }
    }

    /// Four readings of the last year, up to what the content says.
    private func hours(_ u: DemoContent.Unit, _ unit: ProductUnit, _ tx: Transaction) throws {
        guard let total = u.operatingHours, total > 0 else { return }
        let made = unit.deliveredOn.map { Zone.utc.instant(WallTime(dayNumber: $0 + 30, secondOfDay: 0)) }
        var unit = unit
        for back in [345, 255, 165, 75] {
            // Read before the world begins, where it may say what was read already.
            let at = tx.now - .days(Int64(back))
            guard made.map({ $0 < at }) ?? true else { continue }
            let hours = Int64(total) - Int64(back) * 12
            if hours <= 0 { continue }
            _ = try InstalledBase.read(NewReading(hours: hours, at: at), of: unit, tx)
            unit = try tx.productUnit(unit.id)
        }
        _ = try InstalledBase.read(NewReading(hours: Int64(total), at: tx.now), of: unit, tx)
    }

    private func downtime(_ unit: ProductUnit, _ n: Int, _ tx: Transaction) throws {
        let reasons: [(UnitDowntime.Kind, String, Int64)] = [
            (.failure, "方位驱动故障停机", 31), (.planned, "年度检修", 9), (.external, "站点供电中断", 5),
        ]
        let (kind, reason, hours) = reasons[n % reasons.count]
        let from = tx.now - .days(Int64(20 + n))
        _ = try InstalledBase.add(
            NewDowntime(kind, from: from, to: from + .hours(hours), reason: reason), to: unit,
            InstalledBase.Neighbours.none, tx)
    }
}
