import Base
import Store
import Web

/// The API's shapes of this area.
enum StockJSON {
    private static func day(_ number: Int?) -> String? { number.map { CivilDate.text(dayNumber: $0) } }

    struct WholePart: Sendable {
        var part: Part
        var fits: [String]
        var minimums: [PartMinimum]
        var components: [KitComponent]
        var seesValue: Bool
    }

    static let minimum = Shape<PartMinimum>(
        "PartMinimum",
        [
            .text("place_id") { $0.place.text }, .int("minimum") { $0.minimum }, .int("target") { $0.target },
        ])
    static let component = Shape<KitComponent>(
        "KitComponent", [.text("part_id") { $0.part.text }, .int("quantity") { $0.quantity }])

    static let part = Shape<WholePart>(
        "Part",
        [
            .text("id") { $0.part.id.text }, .text("number") { $0.part.number },
            .text("name") { $0.part.name }, .optionalText("name_en") { $0.part.nameEn },
            .text("unit") { $0.part.unit }, .choice("tracking") { $0.part.tracking },
            .choice("abc") { $0.part.abc }, .int("shelf_life_months") { $0.part.shelfLifeMonths },
            .int("lead_time_days") { $0.part.leadTimeDays },
            .int("price_minor") { $0.seesValue ? $0.part.priceMinor : nil },
            .optionalText("supplier_id") { $0.part.supplier?.text },
            .optionalText("superseded_by") { $0.part.supersededBy?.text },
            .any("fits", schema: .make(["type": "array", "items": .make(["type": "string"])])) {
                .array($0.fits.map { .string($0) })
            },
            .list("minimums", minimum) { $0.minimums }, .list("components", component) { $0.components },
            .bool("is_active") { $0.part.isActive }, .int("version") { $0.part.version },
        ])

    static let place = Shape<StockPlace>(
        "StockPlace",
        [
            .text("id") { $0.id.text }, .choice("kind") { $0.kind },
            .optionalText("parent_id") { $0.parent?.text }, .text("name") { $0.name },
            .optionalText("name_en") { $0.nameEn }, .optionalText("site_id") { $0.site?.text },
            .optionalText("keeper_id") { $0.keeper?.text }, .text("time_zone") { $0.zone },
            .bool("is_active") { $0.isActive }, .int("version") { $0.version },
        ])

    /// A document as one person sees it.
    struct WholeDocument: Sendable {
        var document: StockDocument
        var seesValue: Bool
        var allowed: [String]
    }

    static let line = Shape<(StockLine, Bool)>(
        "StockLine",
        [
            .int("line") { Int64($0.0.number) }, .text("part_id") { $0.0.part.text },
            .int("quantity") { $0.0.quantity }, .optionalText("serial") { $0.0.serial.orNil },
            .optionalText("batch") { $0.0.batch.orNil },
            .optionalText("expires_on") { day($0.0.expiresOn) },
            .int("unit_cost_minor") { $0.1 ? $0.0.unitCostMinor : nil }, .choice("status") { $0.0.status },
            .choice("to_status") { $0.0.toStatus }, .optionalText("owner_id") { $0.0.owner.orNil },
            .choice("direction") { $0.0.direction }, .int("received") { $0.0.received },
            .int("written_off") { $0.0.writtenOff }, .int("missing") { $0.0.missing },
            .int("returned") { $0.0.returned },
            .optionalText("rma") { $0.0.rma }, .optionalText("condition") { $0.0.condition },
            .choice("disposition") { $0.0.disposition }, .optionalText("due_on") { day($0.0.dueOn) },
            .optionalText("replacement_serial") { $0.0.replacementSerial },
            .optionalText("package") { $0.0.package }, .int("gross_weight_g") { $0.0.grossWeight },
            .int("value_minor") { $0.1 ? $0.0.valueMinor : nil },
        ])

    static let document = Shape<WholeDocument>(
        "StockDocument",
        [
            .text("id") { $0.document.id.text }, .text("number") { $0.document.number },
            .choice("kind") { $0.document.kind }, .choice("state") { $0.document.state },
            .text("place_id") { $0.document.place.text },
            .optionalText("to_place_id") { $0.document.toPlace?.text },
            .optionalText("ticket_id") { $0.document.ticket?.id.text },
            .optionalText("ticket_number") { $0.document.ticket?.number },
            .optionalText("reason") { $0.document.reason }, .choice("source") { $0.document.source },
            .optionalText("partner_id") { $0.document.partner?.text },
            .optionalText("due_on") { day($0.document.dueOn) },
            .optionalText("carrier") { $0.document.shipping.carrier },
            .optionalText("waybill") { $0.document.shipping.waybill },
            .optionalText("customs_reference") { $0.document.shipping.customsReference },
            .optionalText("packages") { $0.document.shipping.packages },
            .int("package_count") { $0.document.shipping.packageCount },
            .int("gross_weight_g") { $0.document.shipping.grossWeight },
            .optionalText("shipped_on") { day($0.document.shipping.shippedOn) },
            .optionalText("arrives_on") { day($0.document.shipping.arrivesOn) },
            .optionalText("posted_on") { day($0.document.postedOn) },
            .int("posting") { $0.document.posting },
            .optionalText("reversal_of") { $0.document.reversalOf?.text },
            .optionalText("reversed_by") { $0.document.reversedBy?.text },
            .optionalText("stock_check_id") { $0.document.check },
            .optionalText("missing_by") { $0.document.missing?.by?.text },
            .optionalText("missing_reason") { $0.document.missing?.reason },
            .int("value_minor") { $0.seesValue ? $0.document.valueMinor : nil },
            .optionalText("created_by") { $0.document.createdBy?.text },
            .time("created_at") { $0.document.createdAt },
            .optionalText("submitted_by") { $0.document.submittedBy?.text },
            .time("submitted_at") { $0.document.submittedAt },
            .optionalText("approved_by") { $0.document.approvedBy?.text },
            .time("approved_at") { $0.document.approvedAt },
            .optionalText("posted_by") { $0.document.postedBy?.text },
            .time("posted_at") { $0.document.postedAt },
            .list("lines", line) { d in d.document.lines.map { ($0, d.seesValue) } },
            .any("allowed", schema: .make(["type": "array", "items": .make(["type": "string"])])) {
                .array($0.allowed.map { .string($0) })
            },
            .int("version") { $0.document.version },
        ])

    static let balance = Shape<(StockBalance, Bool)>(
        "StockBalance",
        [
            .text("part_id") { $0.0.key.part.text }, .text("place_id") { $0.0.key.place.text },
            .optionalText("batch") { $0.0.key.batch.orNil },
            .optionalText("serial") { $0.0.key.serial.orNil }, .choice("status") { $0.0.key.status },
            .optionalText("owner") { $0.0.key.owner.orNil }, .int("on_hand") { $0.0.onHand },
            .int("reserved") { $0.0.reserved }, .int("available") { $0.0.available },
            .optionalText("expires_on") { day($0.0.expiresOn) },
            .int("value_minor") { $0.1 ? $0.0.valueMinor : nil },
        ])

    static let movement = Shape<(StockMovement, Bool)>(
        "StockMovement",
        [
            .int("posting") { $0.0.posting }, .int("number") { Int64($0.0.number) },
            .text("document_id") { $0.0.document.text }, .int("line") { Int64($0.0.line) },
            .text("part_id") { $0.0.part.text }, .optionalText("batch") { $0.0.batch.orNil },
            .optionalText("serial") { $0.0.serial.orNil }, .optionalText("owner") { $0.0.owner.orNil },
            .int("quantity") { $0.0.quantity }, .text("from_place_id") { $0.0.from.place.text },
            .choice("from_status") { $0.0.from.status }, .text("to_place_id") { $0.0.to.place.text },
            .choice("to_status") { $0.0.to.status },
            .int("value_minor") { $0.1 ? $0.0.valueMinor : nil }, .time("at") { $0.0.at },
            .optionalText("posted_on") { day($0.0.postedOn) },
        ])

    static let batch = Shape<StockBatch>(
        "StockBatch",
        [
            .text("part_id") { $0.part.text }, .text("batch") { $0.batch },
            .optionalText("expires_on") { day($0.expiresOn) },
            .optionalText("concession_until") { day($0.concessionUntil) },
            .optionalText("concession_reason") { $0.concessionReason },
            .optionalText("concession_by") { $0.concessionBy?.text },
            .time("concession_at") { $0.concessionAt },
        ])
}

extension String {
    /// nil where it is empty.
    var orNil: String? { isEmpty ? nil : self }
}
