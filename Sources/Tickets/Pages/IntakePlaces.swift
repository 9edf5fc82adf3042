import Base
import InstalledBase
import People
import Store
import Web

extension IntakePage {
    /// For whom and where: what the one who enters may choose from.
    struct Places {
        var projects: [(Project, [Site])]
        var customers: [(String, String)] = []
        var requesters: [(String, String)] = []
        var organization: OrganizationID?
        var project: String?
        var site: String?
        let language: Language

        init(_ fields: IntakeFields, _ draft: Ticket?, _ known: Known?, _ tx: Transaction) throws {
            language = tx.actor.language
            projects = try People.openProjects(tx)
            let last = known?.ticket
            let unit = known?.unit?.unit
            site = fields.value("site_id", draft?.site?.text ?? unit?.site?.text ?? last?.site?.text)
            project = fields.value(
                "project_id", draft?.project?.text ?? unit?.project?.text ?? last?.project?.text)
            guard tx.actor.isStaff else { return }
            let language = language
            if tx.actor.has(.serviceManager) {
                customers = try People.customers(tx).map { ($0.id.text, $0.name(in: language)) }
            } else {
                let own = Set(projects.map(\.0.customer))
                let names = try People.organizationNames(of: own, tx)
                customers = own.map { ($0.text, names[$0] ?? "") }.sorted { $0.1 < $1.1 }
            }
            let only = customers.count == 1 ? customers.first?.0 : nil
            let asked = fields.value(
                "organization_id",
                draft?.organization?.text ?? unit?.customer?.text ?? last?.organization?.text)
            let ofSite = projects.first { pair in pair.1.contains { $0.id.text == site } }?.0.customer.text
            let chosen = asked ?? ofSite ?? only
            // Only what may be chosen counts: an id of elsewhere shows nobody's people.
            organization = customers.first { $0.0 == chosen }.map { ID($0.0) }
            if let organization {
                requesters = try People.people(of: organization, tx).map {
                    ($0.id.text, $0.name(in: language))
                }
                projects = projects.filter { $0.0.customer == organization }
            }
        }

        /// The customer of a known unit for whom this person enters no tickets, by name.
        func outside(_ known: Known, _ tx: Transaction) throws -> String? {
            guard tx.actor.isStaff,
                let customer = known.unit?.unit.customer ?? known.ticket?.organization,
                !customers.contains(where: { $0.0 == customer.text })
            else { return nil }
            return try People.organizationNames(of: [customer], tx)[customer]
        }

        private var siteChoices: [(String, String)] {
            projects.flatMap { project, sites in
                sites.map { ($0.id.text, "\(project.name(in: language)) · \($0.name(in: language))") }
            }
        }

        private var projectChoices: [(String, String)] {
            projects.map { ($0.0.id.text, "\($0.0.code) \($0.0.name(in: language))") }
        }

        /// A customer says the site; the project follows from it.
        func customer(_ call: Call, _ form: Form, _ fields: IntakeFields) -> HTML {
            let sites = siteChoices
            guard !sites.isEmpty else { return "" }
            return form.select(
                "site_id", call.t("intake.site"), sites, value: site ?? (sites.count == 1 ? sites[0].0 : nil),
                empty: call.t("form.choose"), optional: true)
        }

        /// For whom, how it came, and since when it counts.
        func staff(_ call: Call, _ form: Form, _ fields: IntakeFields) -> HTML {
            var h: HTML =
                "<fieldset class=\"stack\"><legend class=\"label\">\(call.t("intake.behalf"))</legend><div class=\"two\">"
            h += form.select(
                "organization_id", call.t("intake.organization"), customers, value: organization?.text,
                empty: call.t("form.choose"), hint: call.t("intake.organization.hint"))
            h += form.select(
                "requester_id", call.t("intake.requester"), requesters,
                value: fields.value("requester_id", fields.draft?.requester?.text),
                empty: call.t(organization == nil ? "intake.requester.first" : "form.choose"), optional: false
            )
            h += form.select(
                "project_id", call.t("work.project"), projectChoices,
                value: project ?? (projects.count == 1 ? projects[0].0.id.text : nil),
                empty: call.t("form.choose"), optional: true)
            h += form.select(
                "site_id", call.t("work.site"), siteChoices, value: site, empty: call.t("form.choose"),
                optional: true)
            h += form.moment(
                "received_at", call.t("intake.received_at"),
                value: fields.value(
                    "received_at", fields.draft?.statedReceipt.map { call.zone.formText($0) }),
                hint: call.t("intake.received_at.hint", ["zone": call.placeName(call.zone)]), width: "")
            h += form.text(
                "received_reason", call.t("intake.received_reason"),
                value: fields.value("received_reason", fields.draft?.receivedReason),
                hint: call.t("intake.received_reason.hint"), optional: false)
            h += """
                </div><div class="row"><button class="btn btn-s" type="submit" formaction="\(fields.findPath)" formnovalidate>\(call.t("intake.load_people"))</button></div></fieldset>
                """
            return h
        }
    }
}
