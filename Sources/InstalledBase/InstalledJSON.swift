import Base
import People
import Store
import Web

/// The API's shapes of this area.
enum InstalledJSON {
    private static let day: JSON = .make(["type": ["string", "null"], "format": "date"])

    static func date(_ day: Int?) -> JSON { .of(day.map { CivilDate.text(dayNumber: $0) }) }

    static let product = Shape<Product>(
        "Product",
        [
            .text("id") { $0.id.text }, .optionalText("parent_id") { $0.parent?.text },
            .choice("kind") { $0.kind }, .text("code") { $0.code }, .text("name") { $0.name },
            .optionalText("name_en") { $0.nameEn }, .optionalText("model") { $0.model },
            .int("watched_tickets") { $0.watchedTickets },
            .any("watched_until", schema: day) { date($0.watchedUntil) },
            .bool("is_active") { $0.isActive }, .int("version") { $0.version },
        ])

    struct WholeUnit: Sendable {
        var unit: ProductUnit
        var product: Product?
        var warranty: WarrantyVerdict
    }

    static let warranty = Shape<WarrantyVerdict>(
        "WarrantyVerdict",
        [
            .bool("in_warranty") { $0.isIn }, .choice("by") { $0.by },
            .any("until", schema: day) { date($0.until) },
            .optionalText("contract_id") { $0.contract?.text },
        ])

    static let unit = Shape<WholeUnit>(
        "ProductUnit",
        [
            .text("id") { $0.unit.id.text }, .text("product_id") { $0.unit.product.text },
            .optionalText("product") { $0.product?.name }, .optionalText("model") { $0.product?.model },
            .optionalText("serial") { $0.unit.serial.isEmpty ? nil : $0.unit.serial },
            .optionalText("batch") { $0.unit.batch },
            .optionalText("customer_id") { $0.unit.customer?.text },
            .optionalText("project_id") { $0.unit.project?.text },
            .optionalText("site_id") { $0.unit.site?.text },
            .any("delivered_on", schema: day) { date($0.unit.deliveredOn) },
            .any("accepted_on", schema: day) { date($0.unit.acceptedOn) },
            .any("warranty_from", schema: day) { date($0.unit.warrantyFrom) },
            .any("warranty_until", schema: day) { date($0.unit.warrantyUntil) },
            .int("warranty_hours") { $0.unit.warrantyHours },
            .optionalText("software_version") { $0.unit.softwareVersion },
            .choice("use") { $0.unit.use }, .optionalText("note") { $0.unit.note },
            .int("operating_hours") { $0.unit.operatingHours },
            .time("hours_read_at") { $0.unit.readAt },
            .object("warranty", warranty) { $0.warranty }, .int("version") { $0.unit.version },
        ])

    static let part = Shape<UnitPart>(
        "UnitPart",
        [
            .text("id") { $0.id }, .text("position") { $0.position },
            .optionalText("part_number") { $0.partNumber }, .optionalText("serial") { $0.serial },
            .optionalText("software") { $0.software }, .optionalText("note") { $0.note },
            .time("from_at") { $0.from }, .time("to_at") { $0.to },
        ])

    static let reading = Shape<UnitReading>(
        "UnitReading",
        [
            .text("id") { $0.id }, .time("at") { $0.at }, .int("hours") { $0.hours },
            .bool("meter_replaced") { $0.meterReplaced }, .int("total_hours") { $0.total },
        ])

    static let downtime = Shape<UnitDowntime>(
        "UnitDowntime",
        [
            .text("id") { $0.id }, .choice("kind") { $0.kind }, .time("from_at") { $0.from },
            .time("to_at") { $0.to }, .text("reason") { $0.reason },
            .optionalText("ticket_id") { $0.ticket?.text }, .int("version") { $0.version },
        ])

    static let contact = Shape<UnitContact>(
        "UnitContact",
        [
            .text("id") { $0.id }, .choice("part") { $0.part }, .text("account_id") { $0.account.text },
            .time("from_at") { $0.from }, .time("to_at") { $0.to },
        ])

    private static let kinds: JSON = .make([
        "type": "array",
        "items": .make(["enum": .array(ServiceKind.allCases.map { .string($0.rawValue) })]),
    ])

    static let contract = Shape<Contract>(
        "Contract",
        [
            .text("id") { $0.id.text }, .text("number") { $0.number }, .text("name") { $0.name },
            .optionalText("name_en") { $0.nameEn },
            .text("customer_id") { $0.customer.text }, .optionalText("project_id") { $0.project?.text },
            .optionalText("policy_id") { $0.policy }, .any("from_on", schema: day) { date($0.from) },
            .any("until_on", schema: day) { date($0.until) },
            .any("included", schema: kinds) { .array($0.included.map { .string($0.rawValue) }) },
            .any("charged", schema: kinds) { .array($0.charged.map { .string($0.rawValue) }) },
            .any("unit_ids", schema: .make(["type": "array", "items": .make(["type": "string"])])) {
                .array($0.units.map { .string($0.text) })
            },
            .optionalText("note") { $0.note }, .int("version") { $0.version },
        ])

    static let ticket = Shape<InstalledBase.Neighbours.TicketLine>(
        "UnitTicket",
        [
            .text("id") { $0.id.text }, .text("number") { $0.number }, .text("title") { $0.title },
            .text("state") { $0.state }, .time("received_at") { $0.receivedAt },
            .bool("is_open") { $0.isOpen },
        ])

    static let found = Shape<InstalledBase.Found>(
        "FoundUnit",
        [
            .object("unit", unit) {
                WholeUnit(unit: $0.unit, product: $0.product, warranty: $0.warranty)
            },
            .list("tickets", ticket) { $0.tickets }, .list("batch_tickets", ticket) { $0.batch },
            .bool("is_watched") { $0.isWatched },
        ])

    static func whole(_ units: [ProductUnit], _ tx: Transaction) throws -> [WholeUnit] {
        let products = try tx.products(units.map(\.product))
        let verdicts = try InstalledBase.warranties(units, on: InstalledBase.today(tx), tx)
        return units.map {
            WholeUnit(
                unit: $0, product: products[$0.product],
                warranty: verdicts[$0.id] ?? WarrantyVerdict(isIn: false, by: nil, until: nil))
        }
    }
}
