import Base
import People
import Store
import Web

/// Parts that the pages of this area share.
enum InstalledParts {
    static let fields = "installed.f."

    static func f(_ name: String, _ call: Call) -> String { call.t(fields + name) }

    static func day(_ day: Int?) -> String { day.map { CivilDate.text(dayNumber: $0) } ?? "–" }

    /// The verdict as a sentence.
    static func warrantySentence(_ v: WarrantyVerdict, from: Int?, on today: Int, _ call: Call) -> String {
        let until = ["day": day(v.until)]
        if v.isIn {
            switch v.by {
            case .contract: return call.t("unit.warranty.by.contract", until)
            case .hours where v.until == nil: return call.t("unit.warranty.by.hours.open")
            case .hours: return call.t("unit.warranty.by.hours", until)
            default: return call.t("unit.warranty.by.date", until)
            }
        }
        if let from, from > today { return call.t("unit.warranty.future", ["day": day(from)]) }
        return v.until == nil ? call.t("unit.warranty.none") : call.t("unit.warranty.out", until)
    }

    /// The verdict as a mark in a list, with its end.
    static func warrantyTag(_ v: WarrantyVerdict, _ call: Call) -> HTML {
        let name = call.t("unit.warranty.short." + (v.isIn ? v.by?.rawValue ?? "date" : "out"))
        return v.isIn
            ? """
            <span class="tag \(v.by == .contract ? "tag-accent" : "tag-ok")">\(Icon.shield)\(name)</span>\
            \(v.until.map { " <span class=\"muted small num\">\(day($0))</span>" } ?? "" as HTML)
            """
            : "<span class=\"tag\">\(name)</span>"
    }

    static func use(_ use: ProductUnit.Use, _ call: Call) -> String { call.t("unit.use.\(use.rawValue)") }

    /// A date with the browser's calendar.
    static func date(
        _ form: Form, _ name: String, _ value: Int?, _ call: Call, required: Bool = false
    ) -> HTML {
        form.text(
            name, f(name, call), value: value.map { CivilDate.text(dayNumber: $0) }, type: "date",
            width: "w-s", required: required)
    }

    static func number(_ form: Form, _ name: String, _ value: Int64?, _ call: Call, required: Bool = false)
        -> HTML
    {
        form.text(
            name, f(name, call), value: value.map(String.init), width: "w-s", required: required,
            inputMode: "numeric")
    }

    /// A part of a page that opens into a form.
    static func fold(_ title: String, isOpen: Bool, _ body: HTML) -> HTML {
        """
        <details class="fold"\(HTML.when(isOpen, " open"))><summary>\(Icon.right)\(title)</summary>\(body)</details>
        """
    }

    /// Customer, project and site of a unit in one line.
    struct Places: Sendable {
        var customers: [OrganizationID: String]
        var projects: [ProjectID: String]
        var sites: [SiteID: Site]
        let language: Language

        init(_ units: [ProductUnit], _ tx: Transaction) throws {
            customers = try People.organizationNames(of: units.compactMap(\.customer), tx)
            projects = try People.projectNames(of: units.compactMap(\.project), tx)
            sites = try People.sites(of: units.compactMap(\.site), tx)
            language = tx.actor.language
        }

        func customer(_ u: ProductUnit) -> String? { u.customer.flatMap { customers[$0] } }
        func project(_ u: ProductUnit) -> String? { u.project.flatMap { projects[$0] } }
        func site(_ u: ProductUnit) -> String? { u.site.flatMap { sites[$0]?.name(in: language) } }
        /// Where it stands, as a list shows it below the customer.
        func place(_ u: ProductUnit) -> String { site(u) ?? project(u) ?? "" }
    }

    /// Every customer, project and site as one choice.
    static func placeChoices(_ tx: Transaction) throws -> [(String, String)] {
        let language = tx.actor.language
        let all = Dictionary(grouping: try People.allPlaces(tx), by: \.0.customer)
        return try People.customers(tx, limit: 1000).flatMap { customer -> [(String, String)] in
            let name = customer.name(in: language)
            return [("customer:\(customer.id)", name)]
                + (all[customer.id] ?? []).flatMap { project, sites -> [(String, String)] in
                    let whole = "\(name) · \(project.name(in: language))"
                    return [("project:\(project.id)", whole)]
                        + sites.map { ("site:\($0.id)", "\(whole) · \($0.name(in: language))") }
                }
        }
    }

    static func place(_ u: ProductUnit) -> String? {
        u.site.map { "site:\($0)" } ?? u.project.map { "project:\($0)" }
            ?? u.customer.map { "customer:\($0)" }
    }
}

extension Call {
    /// The same page without what another form on it typed.
    func forgetting(unless isMine: Bool) -> Call {
        guard !isMine else { return self }
        var out = self
        out.content = .none
        out.failure = nil
        return out
    }
}
