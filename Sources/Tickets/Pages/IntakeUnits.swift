import Base
import InstalledBase
import People
import Store
import Web

/// What intake answers of a serial number: which unit it is, whether it is covered, what was reported of
/// it, what is open on its batch, and whether its model is watched.
enum IntakeUnits {
    static func html(_ units: [InstalledBase.Found], _ call: Call, _ tx: Transaction) throws -> HTML {
        guard units.count > 1 else { return try units.html { try one($0, call, tx) } }
        let chosen = call.typed("product_unit_id")
        return """
            <fieldset class="stack" id="f-product_unit_id"><legend class="label">\(call.t("intake.unit.which"))</legend>\(try units.html { found in
                """
                <label class="check check-big"><input type="radio" name="product_unit_id" value="\(found.unit.id)"\(HTML.when(chosen == found.unit.id.text, " checked"))>\
                <span><strong>\(found.product?.title(in: call.language))</strong><br><span class="hint">\(try place(found.unit, call, tx))</span></span></label>
                """
            })</fieldset>
            """
    }

    private static func one(_ found: InstalledBase.Found, _ call: Call, _ tx: Transaction) throws -> HTML {
        let today = try InstalledBase.today(tx)
        let verdict = InstalledBase.sentence(found.warranty, of: found.unit, on: today, call)
        var h: HTML = """
            <div class="found">\(Icon.checkCircle.large)<div><p class="strong"><a href="/product-units/\(found.unit.id)">\(found.product?.title(in: call.language)) \
            <span class="sn">\(found.unit.title)</span></a></p><p class="small">\(try place(found.unit, call, tx))</p>\
            <p class="small"><span class="tag \(found.warranty.isIn ? "tag-ok" : "tag-warn")">\(found.warranty.isIn ? Icon.shield : Icon.info)\(verdict)</span></p></div></div>
            """
        if found.isWatched {
            h += "<p class=\"line small\">\(Icon.flag)<span>\(call.t("unit.watched"))</span></p>"
        }
        h += list(
            call.t("unit.tickets"), found.tickets, isOpen: found.tickets.contains(where: \.isOpen), call)
        h += list(call.t("unit.batch.tickets"), found.batch, isOpen: true, call)
        return h
    }

    private static func list(
        _ title: String, _ tickets: [InstalledBase.Neighbours.TicketLine], isOpen: Bool, _ call: Call
    ) -> HTML {
        guard !tickets.isEmpty else { return "" }
        return """
            <details class="fold"\(HTML.when(isOpen, " open"))><summary>\(Icon.right)\(title) (\(tickets.count))</summary>\
            \(InstalledBase.lines(Array(tickets.prefix(5)), call))</details>
            """
    }

    private static func place(_ u: ProductUnit, _ call: Call, _ tx: Transaction) throws -> String {
        let customer = try u.customer.flatMap { try People.organizationNames(of: [$0], tx)[$0] }
        let site = try u.site.flatMap { try People.sites(of: [$0], tx)[$0]?.name(in: call.language) }
        return [customer, site].compactMap { $0 }.joined(separator: " · ")
    }
}
