import Base
import Store
import Web

/// What a new ticket is made of: `POST /api/v1/tickets`, the intake page, and edits of a draft.
public struct NewTicket: Command {
    public var title: String
    public var description: String
    public var category: Category?
    public var urgency: String?
    public var isDraft: Bool
    public var organization: OrganizationID?
    public var requester: AccountID?
    public var project: ProjectID?
    public var site: SiteID?
    public var productUnit: ProductUnitID?
    public var catalogueItem: CatalogueItemID?
    public var receivedAt: Instant?
    public var receivedReason: String?
    public var foundAt: Instant?
    public var foundPlace: String?
    public var product: String?
    public var model: String?
    public var serial: String?
    public var batch: String?
    public var configuration: String?
    public var operatingHours: String?
    public var partNumber: String?
    public var quantity: String?
    public var environment: String?
    public var failureMode: String?
    public var subType: String?
    public var importance: String?
    public var difficulty: String?
    public var outline: String?

    public init(_ read: inout FieldReader) {
        title = read.text("title", max: 200)
        description = read.text("description", max: 20_000, lines: true)
        category = read.choice("category")
        urgency = read.optionalText("urgency", max: 40)
        isDraft = read.bool("draft")
        organization = read.optionalID("organization_id")
        requester = read.optionalID("requester_id")
        project = read.optionalID("project_id")
        site = read.optionalID("site_id")
        productUnit = read.optionalID("product_unit_id")
        catalogueItem = read.optionalID("catalogue_item_id")
        receivedAt = read.optionalInstant("received_at")
        receivedReason = read.optionalText("received_reason", max: 500)
        foundAt = read.optionalInstant("found_at")
        foundPlace = read.optionalText("found_place", max: 200)
        product = read.optionalText("product", max: 200)
        model = read.optionalText("model", max: 200)
        serial = read.identifier("serial")
        batch = read.identifier("batch")
        configuration = read.optionalText("configuration", max: 2000, lines: true)
        operatingHours = read.optionalAmount("operating_hours")
        partNumber = read.identifier("part_number")
        quantity = read.quantity("quantity")
        environment = read.optionalText("environment", max: 2000, lines: true)
        failureMode = read.optionalText("failure_mode", max: 100)
        subType = read.optionalText("sub_type", max: 100)
        importance = read.optionalText("importance", max: 100)
        difficulty = read.optionalText("difficulty", max: 100)
        outline = read.optionalText("outline", max: 4000, lines: true)
    }

    /// Puts the content into a ticket; who and where are checked by the use case.
    func fill(_ t: inout Ticket) {
        t.title = title
        t.description = description
        t.category = category
        t.urgency = urgency
        t.productUnit = productUnit
        t.catalogueItem = catalogueItem
        t.foundAt = foundAt
        t.foundPlace = foundPlace
        t.product = product
        t.model = model
        t.serial = serial
        t.batch = batch
        t.configuration = configuration
        t.operatingHours = operatingHours
        t.partNumber = partNumber
        t.quantity = quantity
        t.environment = environment
        t.failureMode = failureMode
        t.subType = subType
        t.importance = importance
        t.difficulty = difficulty
        t.outline = outline
    }
}

extension Tickets {
    /// Roles that may write a ticket at all.
    static let enterers = Roles([.customer, .engineer, .siteLead, .serviceManager])

    /// 403 `ticket.may_not_enter`, before anything of the content is looked at.
    static func mayEnter(_ tx: Transaction) throws {
        guard tx.actor.id != nil, tx.actor.hasAny(enterers) else {
            throw Failure.forbidden("ticket.may_not_enter")
        }
    }

    /// Makes a ticket, as a draft or submitted at once. 403 `ticket.may_not_enter`; 422 for a foreign
    /// or unknown organisation, requester, project or site, alike whether it exists or not.
    @discardableResult
    public static func create(_ new: NewTicket, _ tx: Transaction) throws -> TicketView {
        try mayEnter(tx)
        let me = tx.actor.id
        let number = try tx.nextTicketNumber(try TicketHouse.zone(tx))
        var ticket = Ticket(
            id: tx.makeID(), number: number, title: new.title, description: new.description,
            category: new.category, createdBy: me, createdAt: tx.now)
        new.fill(&ticket)
        ticket.origin = tx.actor.isStaff ? .staff : .customer
        try place(new, &ticket, tx)
        guard !new.isDraft else {
            var draft = Outcome(ticket)
            draft.facts = [TicketFact("draft", .public)]
            return try insert(draft, tx)
        }
        return try insert(try submit(ticket, new, tx), tx)
    }

    /// Changes a draft, and submits it where it is no draft any more. 409 once it was submitted.
    @discardableResult
    static func edit(
        _ id: String, checking: (Int64) throws -> Void, _ tx: Transaction, _ content: () throws -> NewTicket
    ) throws
        -> TicketView
    {
        let view = try TicketView.load(id, tx)
        guard view.ticket.createdBy == tx.actor.id, tx.actor.id != nil else {
            throw Failure.forbidden("ticket.not_author")
        }
        try checking(view.ticket.version)
        guard view.ticket.state == .draft else { throw Failure.conflict("ticket.not_a_draft") }
        let new = try content()
        var ticket = view.ticket
        new.fill(&ticket)
        try place(new, &ticket, tx)
        guard !new.isDraft else {
            var out = Outcome(ticket)
            out.facts = [TicketFact("draft", .public)]
            return try apply(out, to: view, tx)
        }
        return try apply(try submit(ticket, new, tx), to: view, tx)
    }

    private static func submit(_ ticket: Ticket, _ new: NewTicket, _ tx: Transaction) throws -> Outcome {
        var context = RuleContext(settings: try TicketHouse.settings(tx))
        context.relation = Relation.of(tx.actor, to: ticket)
        return try ticket.submitted(
            Submission(receivedAt: new.receivedAt, receivedReason: new.receivedReason), by: tx.actor,
            context: context, at: tx.now)
    }

    /// Whose ticket it is and where: a customer's own organisation, a project and a site that belong to
    /// it, a requester who belongs to it; then the unit by the routing table.
    private static func place(_ given: NewTicket, _ ticket: inout Ticket, _ tx: Transaction) throws {
        var faults: [FieldFailure] = []
        var new = given
        func wrong(_ field: String) {
            faults.append(FieldFailure(field: field, code: "ticket.unknown_reference"))
        }
        let actor = tx.actor
        ticket.isWatched = nil
        if let unit = try unit(of: new, tx) {
            try fill(&ticket, &new, from: unit, tx)
        } else if new.productUnit != nil {
            wrong("product_unit_id")
        }
        ticket.requester = new.requester ?? (actor.isStaff ? ticket.requester : actor.id)
        ticket.organization = new.organization
        // Kept in a draft; only staff may state a receipt.
        ticket.statedReceipt = actor.isStaff ? new.receivedAt : nil
        ticket.receivedReason = actor.isStaff ? new.receivedReason : nil
        ticket.project = new.project
        ticket.site = new.site
        if let site = new.site {
            let found = try tx.first("select project_id from site where id = \(site) and is_active = 1") {
                $0.id(ProjectKind.self)
            }
            if found == nil || (new.project != nil && new.project != found) { wrong("site_id") }
            ticket.project = new.project ?? found
        }
        var owner: OrganizationID?
        if let project = ticket.project {
            owner = try tx.first("select customer_id from project where id = \(project) and is_active = 1") {
                $0.id()
            }
            if owner == nil { wrong("project_id") }
        }
        if !actor.isStaff {
            if let given = new.organization, given != actor.organization { wrong("organization_id") }
            if let owner, owner != actor.organization {
                wrong(new.site != nil && new.project == nil ? "site_id" : "project_id")
            }
            ticket.organization = actor.organization
        } else {
            if let given = new.organization {
                let isCustomer = try tx.exists(
                    "select 1 from organization where id = \(given) and kind = 'customer' and is_active = 1")
                if !isCustomer || (owner != nil && owner != given) { wrong("organization_id") }
            }
            ticket.organization = new.organization ?? owner
            // An engineer or site lead enters for places where they work.
            if !actor.has(.serviceManager) {
                let works =
                    ticket.project.map { actor.projects.contains($0) } ?? false
                    || ticket.site.map { actor.sites.contains($0) } ?? false
                if !works { wrong("project_id") }
            }
        }
        if let requester = new.requester {
            let home = try tx.first(
                "select organization_id from account where id = \(requester) and is_active = 1"
            ) { $0.id(OrganizationKind.self) }
            if home == nil || home != ticket.organization { wrong("requester_id") }
        }
        if new.catalogueItem != nil { wrong("catalogue_item_id") }
        guard faults.isEmpty else { throw Failure(.invalid, "invalid", fields: faults) }
        ticket.unit = try routedUnit(ticket, tx)
    }

    /// The closest line of the routing table: category and product, then category alone.
    static func routedUnit(_ ticket: Ticket, _ tx: Transaction) throws -> OrganizationID? {
        guard let category = ticket.category else { return nil }
        return try tx.first(
            """
            select unit_id from routing where category = \(category)
              and (product is null or product = \(ticket.product) or product = \(ticket.model))
            order by case when product is null then 1 else 0 end, position limit 1
            """
        ) { $0.id() }
    }

    /// Open tickets that may be the same: of the same serial, or with words of the title in common.
    public static func similar(serial: String?, title: String?, limit: Int = 5, _ tx: Transaction) throws
        -> [TicketRow]
    {
        var found: [TicketRow] = []
        if let serial, !serial.isEmpty {
            found = try tx.ticketRows(
                where: "t.serial = \(serial) and t.is_open = 1", order: "t.received_at desc", limit: limit)
        }
        if found.count < limit, let title, let matching = TicketSearch.matching(title, tx) {
            let more = try tx.ticketRows(
                where: "t.is_open = 1 and t.id in (\(matching))", order: "t.received_at desc", limit: limit)
            found += more.filter { row in !found.contains { $0.id == row.id } }
        }
        return Array(found.prefix(limit))
    }
}

extension FieldReader {
    /// A number with its unit as people write it (`18,420 h`), or a bare JSON number; kept as text.
    mutating func optionalAmount(_ name: String) -> String? {
        amount(name, max: 40)
    }

    /// How many: a positive decimal, up to six places before the point and three behind it.
    mutating func quantity(_ name: String) -> String? {
        guard let text = amount(name, max: 40) else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isDecimal = parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        guard isDecimal, parts.count <= 2, parts[0].count <= 6, parts.count < 2 || parts[1].count <= 3,
            text.utf8.contains(where: { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) })
        else {
            fault(name, "ticket.quantity")
            return nil
        }
        return text
    }
}
