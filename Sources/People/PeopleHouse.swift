import Base
import Store
import Web

/// Organisations, projects, sites, contacts and routing.
extension People {
    // MARK: Organisations

    @discardableResult
    public static func add(_ new: NewOrganization, _ tx: Transaction) throws -> Organization {
        try requireAdministrator(tx)
        guard let kind = new.kind else { throw Failure.invalid("kind", "field.required") }
        let parent = try new.parent.flatMap { try tx.organization($0) }
        if new.parent != nil, parent == nil { throw Failure.invalid("parent_id", "field.no_such") }
        switch kind {
        case .house:
            if try !tx.organizations(kinds: [.house], limit: 1).isEmpty {
                throw Failure.invalid("kind", "organization.one_house")
            }
        case .unit:
            guard parent?.isHouse == true else { throw Failure.invalid("parent_id", "field.required") }
        case .customer, .supplier:
            if let parent, parent.kind != kind { throw Failure.invalid("parent_id", "field.no_such") }
        }
        let houseZone = try Settings.current(.houseTimeZone, at: tx.now, tx).string
        let organization = Organization(
            id: tx.makeID(), kind: kind, parent: new.parent, name: new.name, nameEn: new.nameEn,
            code: new.code,
            country: new.country, zone: new.zone ?? parent?.zone ?? houseZone ?? "UTC", isActive: true,
            version: 1)
        try tx.insert(organization)
        try tx.record(
            Fact(
                "organization.created", Subject("organization", organization.id),
                data: .make(["name": .string(new.name), "kind": .string(kind.rawValue)])))
        return organization
    }

    static func change(_ old: Organization, _ edit: EditOrganization, _ tx: Transaction) throws
        -> Organization
    {
        try requireAdministrator(tx)
        var new = old
        edit.name.apply(to: &new.name)
        edit.nameEn.apply(to: &new.nameEn)
        edit.code.apply(to: &new.code)
        edit.country.apply(to: &new.country)
        edit.zone.apply(to: &new.zone)
        edit.isActive.apply(to: &new.isActive)
        if old.kind != .house { edit.parent.apply(to: &new.parent) }
        if new.parent != old.parent {
            let parent = try new.parent.flatMap { try tx.organization($0) }
            let fits = old.kind == .unit ? parent?.isHouse == true : parent == nil || parent?.kind == old.kind
            guard fits, new.parent == nil || parent != nil else {
                throw Failure.invalid("parent_id", "field.no_such")
            }
            if let above = new.parent, try tx.unitsBelow(old.id).contains(above) {
                throw Failure.invalid("parent_id", "organization.circle")
            }
        }
        if !new.isActive, old.isActive {
            guard old.kind != .house else { throw Failure.conflict("organization.house_stays") }
            if let actor = tx.actor.organization, try tx.unitsBelow(old.id).contains(actor) {
                throw Failure.forbidden("account.own_disable")
            }
        }
        var difference = Difference()
        difference.add("name", old.name, new.name)
        difference.add("name_en", old.nameEn, new.nameEn)
        difference.add("code", old.code, new.code)
        difference.add("country", old.country, new.country)
        difference.add("time_zone", old.zone, new.zone)
        difference.add("parent_id", old.parent?.text, new.parent?.text)
        difference.add("is_active", old.isActive, new.isActive)
        if difference.isEmpty { return old }
        new.version = try tx.update(new)
        try tx.record(Fact("organization.changed", Subject("organization", old.id), data: difference.json))
        return new
    }

    // MARK: Projects and sites

    @discardableResult
    public static func add(_ new: NewProject, _ tx: Transaction) throws -> Project {
        try requireAdministrator(tx)
        guard let customer = try tx.organization(new.customer), customer.kind == .customer else {
            throw Failure.invalid("customer_id", "field.no_such")
        }
        guard try !tx.projectCodeIsTaken(new.code) else {
            throw Failure.invalid("code", "project.code_taken")
        }
        let project = Project(
            id: tx.makeID(), code: new.code, name: new.name, nameEn: new.nameEn, customer: customer.id,
            contract: new.contract, isActive: true, version: 1)
        try tx.insert(project)
        try tx.record(
            Fact(
                "project.created", Subject("project", project.id),
                data: .make(["code": .string(new.code), "name": .string(new.name)])))
        return project
    }

    static func change(_ old: Project, _ edit: EditProject, _ tx: Transaction) throws -> Project {
        try requireAdministrator(tx)
        var new = old
        edit.name.apply(to: &new.name)
        edit.nameEn.apply(to: &new.nameEn)
        edit.contract.apply(to: &new.contract)
        edit.isActive.apply(to: &new.isActive)
        var difference = Difference()
        difference.add("name", old.name, new.name)
        difference.add("name_en", old.nameEn, new.nameEn)
        difference.add("contract", old.contract, new.contract)
        difference.add("is_active", old.isActive, new.isActive)
        if difference.isEmpty { return old }
        new.version = try tx.update(new)
        try tx.record(Fact("project.changed", Subject("project", old.id), data: difference.json))
        return new
    }

    /// Names the contact person, deputy and leads from a time on; those before end there.
    public static func name(_ new: NewContact, of project: Project, _ tx: Transaction) throws {
        try requireAdministrator(tx)
        let from = new.from ?? tx.now
        let named = [
            ("contact_id", Optional(new.contact)), ("deputy_id", new.deputy),
            ("site_lead_id", new.siteLead), ("technical_lead_id", new.technicalLead),
        ]
        let ids = named.compactMap(\.1)
        let accounts = Dictionary(
            try tx.accounts(ids).map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        let posts = try tx.posts(of: [new.siteLead, new.technicalLead].compactMap { $0 })
        for (field, id) in named {
            guard let id else { continue }
            guard let account = accounts[id], account.isActive else {
                throw Failure.invalid(field, "field.no_such")
            }
        }
        func holds(_ id: AccountID?, _ role: Role) -> Bool {
            id == nil
                || posts.contains { $0.account == id && $0.role == role && $0.overlaps(from: from, to: nil) }
        }
        guard holds(new.siteLead, .siteLead) else {
            throw Failure.invalid(
                "site_lead_id", "contact.no_post", ["role": Strings.named("role.site_lead")])
        }
        guard holds(new.technicalLead, .technicalLead) else {
            throw Failure.invalid(
                "technical_lead_id", "contact.no_post", ["role": Strings.named("role.technical_lead")])
        }
        if let last = try tx.contacts(of: project.id).first, last.from > from {
            throw Failure.invalid("from_at", "contact.later_exists")
        }
        try tx.endContacts(of: project.id, at: from)
        let id: ID<ProjectContact> = tx.makeID()
        try tx.insert(
            ProjectContact(
                id: id.text, project: project.id, contact: new.contact, deputy: new.deputy,
                siteLead: new.siteLead, technicalLead: new.technicalLead, from: from, to: nil))
        try tx.record(
            Fact(
                "project.contacts_named", Subject("project", project.id),
                data: .make([
                    "contact": .of(accounts[new.contact]?.name),
                    "deputy": .of(new.deputy.flatMap { accounts[$0]?.name }),
                    "site_lead": .of(new.siteLead.flatMap { accounts[$0]?.name }),
                    "technical_lead": .of(new.technicalLead.flatMap { accounts[$0]?.name }),
                    "from_at": .of(from),
                ])))
    }

    @discardableResult
    public static func add(_ new: NewSite, to project: Project, _ tx: Transaction) throws -> Site {
        try requireAdministrator(tx)
        let site = Site(
            id: tx.makeID(), project: project.id, name: new.name, nameEn: new.nameEn, country: new.country,
            zone: new.zone, address: new.address, isActive: true, version: 1)
        try tx.insert(site)
        try tx.record(
            Fact("site.created", Subject("site", site.id), data: .make(["name": .string(new.name)])))
        try tx.record(
            Fact(
                "project.site_added", Subject("project", project.id), data: .make(["name": .string(new.name)])
            ))
        return site
    }

    static func change(_ old: Site, _ edit: EditSite, _ tx: Transaction) throws -> Site {
        try requireAdministrator(tx)
        var new = old
        edit.name.apply(to: &new.name)
        edit.nameEn.apply(to: &new.nameEn)
        edit.country.apply(to: &new.country)
        edit.zone.apply(to: &new.zone)
        edit.address.apply(to: &new.address)
        edit.isActive.apply(to: &new.isActive)
        var difference = Difference()
        difference.add("name", old.name, new.name)
        difference.add("name_en", old.nameEn, new.nameEn)
        difference.add("country", old.country, new.country)
        difference.add("time_zone", old.zone, new.zone)
        difference.add("address", old.address, new.address)
        difference.add("is_active", old.isActive, new.isActive)
        if difference.isEmpty { return old }
        new.version = try tx.update(new)
        try tx.record(Fact("site.changed", Subject("site", old.id), data: difference.json))
        return new
    }

    // MARK: Routing and settings

    @discardableResult
    public static func add(_ new: NewRouting, _ tx: Transaction) throws -> RoutingLine {
        try requireAdministrator(tx)
        guard let category = new.category else { throw Failure.invalid("category", "field.required") }
        guard let unit = try tx.organization(new.unit), unit.isHouse, unit.isActive else {
            throw Failure.invalid("unit_id", "field.no_such")
        }
        let all = try tx.routing()
        let product = new.product.map { CleanText.foldIdentifier($0) }
        if all.contains(where: { $0.category == category.rawValue && $0.product == product }) {
            throw Failure.invalid("product", "routing.exists")
        }
        let id: ID<RoutingLine> = tx.makeID()
        let line = RoutingLine(
            id: id.text, category: category.rawValue, product: product, unit: unit.id, unitName: unit.name,
            position: (all.map(\.position).max() ?? 0) + 1)
        try tx.insert(line)
        try tx.record(
            Fact("routing.added", Subject("setting", "routing"), data: routingData(line)))
        return line
    }

    static func removeRouting(_ id: String, _ tx: Transaction) throws {
        try requireAdministrator(tx)
        guard let line = try tx.routing().first(where: { $0.id == id }) else { throw Failure.notFound() }
        try tx.deleteRouting(id)
        try tx.record(Fact("routing.removed", Subject("setting", "routing"), data: routingData(line)))
    }

    private static func routingData(_ line: RoutingLine) -> JSON {
        .make([
            "category": .string(line.category), "product": .of(line.product), "unit": .string(line.unitName),
        ])
    }

    /// A new version of a setting; the value is checked by its kind.
    @discardableResult
    public static func set(
        _ setting: HouseSetting, _ value: JSON, effectiveFrom: Instant? = nil, _ tx: Transaction
    ) throws -> Int64 {
        try requireAdministrator(tx)
        let checked = try setting.checked(value)
        if let effectiveFrom, effectiveFrom < tx.now - .minutes(1) {
            throw Failure.invalid("effective_from", "setting.past")
        }
        return try Settings.set(setting.rawValue, checked, effectiveFrom: effectiveFrom, tx)
    }
}
