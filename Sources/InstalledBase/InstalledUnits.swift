import Base
import People
import Store
import Web

// Units and what happens to them.
extension InstalledBase {
    @discardableResult
    public static func add(_ new: NewProductUnit, _ tx: Transaction) throws -> ProductUnit {
        try InstalledAccess.requireKeeper(tx)
        var unit = ProductUnit(
            id: tx.makeID(), product: new.product, serial: new.serial ?? "", batch: new.batch,
            customer: new.customer, project: new.project, site: new.site, deliveredOn: new.deliveredOn,
            acceptedOn: new.acceptedOn,
            warrantyFrom: new.warrantyFrom ?? new.acceptedOn ?? new.deliveredOn,
            warrantyUntil: new.warrantyUntil, warrantyHours: new.warrantyHours,
            softwareVersion: new.softwareVersion, use: new.use, note: new.note, operatingHours: nil,
            readAt: nil, version: 1)
        if let months = new.warrantyMonths {
            guard unit.warrantyUntil == nil else {
                throw Failure.invalid("warranty_months", "unit.months_and_day")
            }
            guard let from = unit.warrantyFrom else {
                throw Failure.invalid("warranty_from", "field.required")
            }
            unit.warrantyUntil = Warranty.until(from: from, months: Int(months))
        }
        try settle(&unit, tx)
        guard let product = try tx.product(new.product), product.isActive, product.kind != .position else {
            throw Failure.invalid("product_id", "field.no_such")
        }
        try checkPlate(unit, tx)
        try tx.insert(unit)
        try tx.record(
            Fact(
                "unit.created", Subject("product_unit", unit.id), .public,
                data: .make([
                    "product": .string(product.model ?? product.code), "serial": .string(unit.serial),
                    "batch": .of(unit.batch),
                ])))
        return unit
    }

    static func change(_ old: ProductUnit, _ edit: EditProductUnit, _ tx: Transaction) throws -> ProductUnit {
        try InstalledAccess.requireWorker(tx)
        var new = old
        if case .set(let serial) = edit.serial { new.serial = serial ?? "" }
        edit.batch.apply(to: &new.batch)
        edit.customer.apply(to: &new.customer)
        edit.project.apply(to: &new.project)
        edit.site.apply(to: &new.site)
        edit.deliveredOn.apply(to: &new.deliveredOn)
        edit.acceptedOn.apply(to: &new.acceptedOn)
        edit.warrantyFrom.apply(to: &new.warrantyFrom)
        edit.warrantyUntil.apply(to: &new.warrantyUntil)
        edit.warrantyHours.apply(to: &new.warrantyHours)
        edit.softwareVersion.apply(to: &new.softwareVersion)
        edit.note.apply(to: &new.note)
        if let use = edit.use { new.use = use }
        if let place = edit.place {
            (new.customer, new.project, new.site) = (place.customer, place.project, place.site)
        } else if new.site != old.site || new.project != old.project || new.customer != old.customer {
            // Who moves a unit to another project says its site anew.
            if new.project != old.project, new.site == old.site { new.site = nil }
            if new.customer != old.customer, new.project == old.project { new.project = nil }
            if new.project == nil, new.site == old.site { new.site = nil }
        }
        try settle(&new, tx)
        if new.serial != old.serial || new.batch != old.batch { try checkPlate(new, tx) }
        var difference = Difference()
        difference.add("serial", old.serial, new.serial)
        difference.add("batch", old.batch, new.batch)
        difference.add("customer_id", try name(old.customer, tx), try name(new.customer, tx))
        difference.add("project_id", try name(old.project, tx), try name(new.project, tx))
        difference.add("site_id", try name(old.site, tx), try name(new.site, tx))
        difference.add("delivered_on", text(old.deliveredOn), text(new.deliveredOn))
        difference.add("accepted_on", text(old.acceptedOn), text(new.acceptedOn))
        difference.add("warranty_from", text(old.warrantyFrom), text(new.warrantyFrom))
        difference.add("warranty_until", text(old.warrantyUntil), text(new.warrantyUntil))
        difference.add("warranty_hours", old.warrantyHours, new.warrantyHours)
        let agreed = !difference.isEmpty
        difference.add("software_version", old.softwareVersion, new.softwareVersion)
        difference.add("use", old.use.rawValue, new.use.rawValue)
        difference.add("note", old.note, new.note)
        if difference.isEmpty { return old }
        // What was sold and agreed is for those who keep the contracts.
        if agreed, !InstalledAccess.keeps(tx.actor) { throw Failure.forbidden("unit.not_yours_to_change") }
        new.version = try tx.update(new)
        try tx.record(Fact("unit.changed", Subject("product_unit", old.id), .public, data: difference.json))
        return new
    }

    private static func name(_ id: OrganizationID?, _ tx: Transaction) throws -> String? {
        try id.flatMap { try People.organization($0, tx)?.name }
    }
    private static func name(_ id: ProjectID?, _ tx: Transaction) throws -> String? {
        try id.flatMap { try People.project($0, tx)?.code }
    }
    private static func name(_ id: SiteID?, _ tx: Transaction) throws -> String? {
        try id.flatMap { try People.site($0, tx)?.name }
    }

    /// Site says project, project says customer; what is said must fit.
    private static func settle(_ u: inout ProductUnit, _ tx: Transaction) throws {
        if let site = u.site {
            guard let found = try People.site(site, tx), u.project == nil || u.project == found.project else {
                throw Failure.invalid("site_id", "field.no_such")
            }
            u.project = found.project
        }
        if let project = u.project {
            guard let found = try People.project(project, tx),
                u.customer == nil || u.customer == found.customer
            else { throw Failure.invalid("project_id", "field.no_such") }
            u.customer = found.customer
        }
        if let customer = u.customer, try People.organization(customer, tx)?.kind != .customer {
            throw Failure.invalid("customer_id", "field.no_such")
        }
        func after(_ field: String, _ day: Int?, _ other: Int?) throws {
            if let day, let other, day < other { throw Failure.invalid(field, "field.ends_before") }
        }
        let wrong = Bounds.faults(
            of: [
                ("delivered_on", u.deliveredOn, true), ("accepted_on", u.acceptedOn, true),
                ("warranty_from", u.warrantyFrom, false), ("warranty_until", u.warrantyUntil, false),
            ], today: try InstalledBase.today(tx))
        if !wrong.isEmpty { throw Failure(.invalid, "invalid", fields: wrong) }
        try after("accepted_on", u.acceptedOn, u.deliveredOn)
        try after("warranty_until", u.warrantyUntil, u.warrantyFrom)
    }

    /// A unit is told from all others: by a serial number that its product has once, else by a batch.
    private static func checkPlate(_ u: ProductUnit, _ tx: Transaction) throws {
        if u.serial.isEmpty, (u.batch ?? "").isEmpty {
            throw Failure.invalid("serial", "unit.serial_or_batch")
        }
        if let other = try tx.productUnit(product: u.product, serial: u.serial), other.id != u.id {
            throw Failure.invalid("serial", "unit.serial_taken", ["serial": u.serial])
        }
    }

    // MARK: Configuration

    /// Puts a part at a position; what sat there ends at that time.
    @discardableResult
    public static func fit(_ new: NewUnitPart, to unit: ProductUnit, _ tx: Transaction) throws -> UnitPart {
        try InstalledAccess.requireWorker(tx)
        let from = new.from ?? tx.now
        if from > tx.now { throw Failure.invalid("from_at", "field.in_future") }
        let there = try tx.unitParts(unit.id).filter { $0.position == new.position }
        if let last = there.first, last.from >= from {
            throw Failure.invalid("from_at", "part.later_exists")
        }
        if let last = there.first, last.to.map({ $0 > from }) ?? true { try tx.endPart(last.id, at: from) }
        let id: ID<UnitPart> = tx.makeID()
        let part = UnitPart(
            id: id.text, unit: unit.id, position: new.position, partNumber: new.partNumber,
            serial: new.serial, software: new.software, note: new.note, from: from, to: nil)
        try tx.insert(part)
        try tx.record(
            Fact(
                "unit.part_fitted", Subject("product_unit", unit.id), .public,
                data: .make([
                    "position": .string(part.position),
                    "part": .string(
                        [part.partNumber, part.serial, part.software].compactMap { $0 }.joined(separator: " ")
                    ),
                    "from_at": .of(from),
                ])))
        return part
    }

    static func remove(_ id: String, from unit: ProductUnit, at: Instant?, _ tx: Transaction) throws
        -> UnitPart
    {
        guard var part = try tx.unitParts(unit.id).first(where: { $0.id == id }) else {
            throw Failure.notFound()
        }
        try InstalledAccess.requireWorker(tx)
        guard part.to == nil else { throw Failure.conflict("part.removed") }
        let end = at ?? tx.now
        guard end > part.from, end <= tx.now else { throw Failure.invalid("to_at", "field.ends_before") }
        try tx.endPart(id, at: end)
        part.to = end
        try tx.record(
            Fact(
                "unit.part_removed", Subject("product_unit", unit.id), .public,
                data: .make([
                    "position": .string(part.position),
                    "part": .string([part.partNumber, part.serial].compactMap { $0 }.joined(separator: " ")),
                    "to_at": .of(end),
                ])))
        return part
    }

    // MARK: Operating hours

    /// Takes a reading. A meter never runs back, and never faster than the clock: it was replaced, or the
    /// reading is wrong. Before its delivery a unit runs on nobody's warranty.
    @discardableResult
    public static func read(_ new: NewReading, of unit: ProductUnit, _ tx: Transaction) throws -> UnitReading
    {
        try InstalledAccess.requireWorker(tx)
        let at = new.at ?? tx.now
        if at > tx.now { throw Failure.invalid("at", "field.in_future") }
        if let delivered = unit.deliveredOn, try day(of: at, tx) < delivered {
            throw Failure.invalid(
                "at", "reading.before_delivery", ["day": CivilDate.text(dayNumber: delivered)])
        }
        func requirePossible(_ ran: Int64, _ time: Span) throws {
            let most = Meter.most(in: time)
            if ran > most { throw Failure.invalid("hours", "reading.runs_ahead", ["most": String(most)]) }
        }
        let readings = try tx.unitReadings(unit.id)
        if readings.contains(where: { $0.at == at }) { throw Failure.invalid("at", "reading.exists") }
        let before = readings.last { $0.at < at }
        let after = readings.first { $0.at > at }
        var total = new.hours
        if let before {
            if !new.meterReplaced, new.hours < before.hours {
                throw Failure.invalid("hours", "reading.runs_back", ["hours": String(before.hours)])
            }
            let ran = new.meterReplaced ? new.hours : new.hours - before.hours
            total = before.total + ran
        }
        if let after {
            // A late reading stands between two of one meter and changes nothing behind it.
            if new.meterReplaced || after.meterReplaced { throw Failure.invalid("at", "reading.not_last") }
            if new.hours > after.hours {
                throw Failure.invalid("hours", "reading.runs_back", ["hours": String(after.hours)])
            }
            if before == nil { total = after.total - (after.hours - new.hours) }
        }
        if let before, !new.meterReplaced {
            // What another meter showed before it was put in, nobody knows.
            try requirePossible(new.hours - before.hours, at - before.at)
        }
        if let after { try requirePossible(after.hours - new.hours, after.at - at) }
        let id: ID<UnitReading> = tx.makeID()
        let reading = UnitReading(
            id: id.text, unit: unit.id, at: at, hours: new.hours, meterReplaced: new.meterReplaced,
            total: total)
        try tx.insert(reading)
        if after == nil {
            var changed = unit
            changed.operatingHours = total
            changed.readAt = at
            _ = try tx.update(changed)
        }
        try tx.record(
            Fact(
                "unit.hours_read", Subject("product_unit", unit.id), .public,
                data: .make([
                    "hours": .int(new.hours), "total": .int(total), "at": .of(at),
                    "meter_replaced": .bool(new.meterReplaced),
                ])))
        return reading
    }

    // MARK: Downtimes

    @discardableResult
    public static func add(
        _ new: NewDowntime, to unit: ProductUnit, _ neighbours: Neighbours, _ tx: Transaction
    ) throws -> UnitDowntime {
        try InstalledAccess.requireWorker(tx)
        guard let from = new.from else { throw Failure.invalid("from_at", "field.required") }
        let ticket = try new.ticket.map { try neighbours.ticket($0, tx).id }
        let id: ID<UnitDowntime> = tx.makeID()
        let downtime = UnitDowntime(
            id: id.text, unit: unit.id, kind: new.kind, from: from, to: new.to, reason: new.reason,
            ticket: ticket, version: 1)
        try check(downtime, tx)
        try tx.insert(downtime)
        try tx.record(
            Fact(
                "unit.downtime", Subject("product_unit", unit.id), .public,
                data: .make([
                    "reason": .string(new.reason), "from_at": .of(from), "to_at": .of(new.to),
                    "kind": .string(new.kind.rawValue),
                ])))
        return downtime
    }

    static func change(_ old: UnitDowntime, of unit: ProductUnit, _ edit: EditDowntime, _ tx: Transaction)
        throws -> UnitDowntime
    {
        try InstalledAccess.requireWorker(tx)
        var new = old
        if let kind = edit.kind { new.kind = kind }
        if let from = edit.from { new.from = from }
        edit.to.apply(to: &new.to)
        edit.reason.apply(to: &new.reason)
        try check(new, tx)
        var difference = Difference()
        difference.add("kind", old.kind.rawValue, new.kind.rawValue)
        difference.add("from_at", old.from.rfc3339, new.from.rfc3339)
        difference.add("to_at", old.to?.rfc3339, new.to?.rfc3339)
        difference.add("reason", old.reason, new.reason)
        if difference.isEmpty { return old }
        new.version = try tx.update(new)
        try tx.record(
            Fact(
                "unit.downtime_changed", Subject("product_unit", unit.id), .public, data: difference.json))
        return new
    }

    /// One unit is down once at a time.
    private static func check(_ d: UnitDowntime, _ tx: Transaction) throws {
        if d.from > tx.now { throw Failure.invalid("from_at", "field.in_future") }
        if let to = d.to, to <= d.from { throw Failure.invalid("to_at", "field.ends_before") }
        let others = try tx.unitDowntimes(d.unit).filter { $0.id != d.id }
        let meets = others.contains { o in
            (d.to.map { o.from < $0 } ?? true) && (o.to.map { d.from < $0 } ?? true)
        }
        if meets { throw Failure.conflict("downtime.overlaps") }
    }

    // MARK: Contacts

    @discardableResult
    public static func name(_ new: NewUnitContact, of unit: ProductUnit, _ tx: Transaction) throws
        -> UnitContact
    {
        try InstalledAccess.requireKeeper(tx)
        let from = new.from ?? tx.now
        guard let account = try People.account(new.account, tx), account.isActive else {
            throw Failure.invalid("account_id", "field.no_such")
        }
        let isTheirs = account.organization == unit.customer
        let home = try People.organization(account.organization, tx)
        guard new.part == .customer ? isTheirs : home?.isHouse == true else {
            throw Failure.invalid("account_id", "field.no_such")
        }
        if let last = try tx.unitContacts(unit.id).first(where: { $0.part == new.part }), last.from >= from {
            throw Failure.invalid("from_at", "contact.later_exists")
        }
        try tx.endContacts(of: unit.id, new.part, at: from)
        let id: ID<UnitContact> = tx.makeID()
        let contact = UnitContact(
            id: id.text, unit: unit.id, part: new.part, account: new.account, from: from, to: nil)
        try tx.insert(contact)
        try tx.record(
            Fact(
                "unit.contact_named", Subject("product_unit", unit.id), .public,
                data: .make([
                    "part": .string(new.part.rawValue), "person": .string(account.name),
                    "from_at": .of(from),
                ])))
        return contact
    }
}
