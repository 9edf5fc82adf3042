import Base
import Store
import Web

/// The API's shapes of this area.
enum PeopleJSON {
    struct Named: Sendable {
        var id: String
        var name: String
    }

    static let named = Shape<Named>("Named", [.text("id") { $0.id }, .text("name") { $0.name }])

    // MARK: /me

    struct Me: Sendable {
        var caller: Caller
        var organization: Named
        var projects: [(Project, [Site])]
        var language: Language

        init(_ call: Call, _ tx: Transaction) throws {
            guard let caller = call.caller, let id = caller.actor.organization,
                let own = try tx.organization(id)
            else { throw Failure(.unauthenticated, "unauthenticated") }
            self.caller = caller
            language = call.language
            organization = Named(id: own.id.text, name: own.name(in: language))
            projects = try People.openProjects(tx)
        }
    }

    static let me = Shape<Me>(
        "Me",
        [
            .text("id") { $0.caller.actor.id?.text ?? "" }, .text("login") { $0.caller.login },
            .text("name") { $0.caller.actor.name },
            .any("roles", schema: textList) {
                .array($0.caller.actor.roles.list.map { .string($0.rawValue) })
            },
            .object("organization", named) { $0.organization },
            .list("projects", meProject) { me in me.projects.map { ($0.0, $0.1, me.language) } },
            .text("language") { $0.language.tag }, .text("time_zone") { $0.caller.actor.zone.identifier },
        ])

    private static let meProject = Shape<(Project, [Site], Language)>(
        "MyProject",
        [
            .text("id") { $0.0.id.text }, .text("code") { $0.0.code }, .text("name") { $0.0.name(in: $0.2) },
            .list("sites", meSite) { p in p.1.map { ($0, p.2) } },
        ])

    private static let meSite = Shape<(Site, Language)>(
        "MySite",
        [
            .text("id") { $0.0.id.text }, .text("name") { $0.0.name(in: $0.1) },
            .text("time_zone") { $0.0.zone },
        ])

    static let textList: JSON = .make(["type": "array", "items": .make(["type": "string"])])

    // MARK: Administration

    static let post = Shape<Post>(
        "Post",
        [
            .text("id") { $0.id.text }, .choice("role") { $0.role },
            .optionalText("unit_id") { $0.unit?.text },
            .optionalText("project_id") { $0.project?.text }, .optionalText("site_id") { $0.site?.text },
            .time("from_at") { $0.from }, .time("to_at") { $0.to },
        ])

    static let account = Shape<(Account, [Post])>(
        "Account",
        [
            .text("id") { $0.0.id.text }, .text("login") { $0.0.login }, .text("name") { $0.0.name },
            .optionalText("name_latin") { $0.0.nameLatin }, .optionalText("email") { $0.0.email },
            .optionalText("phone") { $0.0.phone }, .text("organization_id") { $0.0.organization.text },
            .choice("language") { $0.0.language }, .text("time_zone") { $0.0.zone },
            .bool("is_active") { $0.0.isActive },
            .any("skills", schema: textList) { .array($0.0.skills.map { .string($0) }) },
            .any("languages", schema: textList) { .array($0.0.languages.map { .string($0) }) },
            .optionalText("place") { $0.0.place }, .time("leave_from") { $0.0.leaveFrom },
            .time("leave_to") { $0.0.leaveTo }, .list("posts", post) { $0.1 },
            .time("created_at") { $0.0.createdAt }, .int("version") { $0.0.version },
        ])

    static let organization = Shape<Organization>(
        "Organization",
        [
            .text("id") { $0.id.text }, .choice("kind") { $0.kind },
            .optionalText("parent_id") { $0.parent?.text }, .text("name") { $0.name },
            .optionalText("name_en") { $0.nameEn }, .optionalText("code") { $0.code },
            .optionalText("country") { $0.country }, .text("time_zone") { $0.zone },
            .bool("is_active") { $0.isActive }, .int("version") { $0.version },
        ])

    static let site = Shape<Site>(
        "Site",
        [
            .text("id") { $0.id.text }, .text("project_id") { $0.project.text }, .text("name") { $0.name },
            .optionalText("name_en") { $0.nameEn }, .optionalText("country") { $0.country },
            .text("time_zone") { $0.zone }, .optionalText("address") { $0.address },
            .bool("is_active") { $0.isActive }, .int("version") { $0.version },
        ])

    static let contact = Shape<ProjectContact>(
        "ProjectContact",
        [
            .text("contact_id") { $0.contact.text }, .optionalText("deputy_id") { $0.deputy?.text },
            .optionalText("site_lead_id") { $0.siteLead?.text },
            .optionalText("technical_lead_id") { $0.technicalLead?.text }, .time("from_at") { $0.from },
            .time("to_at") { $0.to },
        ])

    struct WholeProject: Sendable {
        var project: Project
        var sites: [Site]
        var contacts: [ProjectContact]
    }

    static let project = Shape<WholeProject>(
        "Project",
        [
            .text("id") { $0.project.id.text }, .text("code") { $0.project.code },
            .text("name") { $0.project.name }, .optionalText("name_en") { $0.project.nameEn },
            .text("customer_id") { $0.project.customer.text },
            .optionalText("contract") { $0.project.contract },
            .bool("is_active") { $0.project.isActive }, .list("sites", site) { $0.sites },
            .list("contacts", contact) { $0.contacts }, .int("version") { $0.project.version },
        ])

    static let routing = Shape<RoutingLine>(
        "RoutingLine",
        [
            .text("id") { $0.id }, .text("category") { $0.category }, .optionalText("product") { $0.product },
            .text("unit_id") { $0.unit.text }, .text("unit_name") { $0.unitName },
        ])

    static let setting = Shape<SettingVersion>(
        "Setting",
        [
            .text("name") { $0.name }, .int("version") { $0.version }, .any("value") { $0.value },
            .time("effective_from") { $0.version == 0 ? nil : $0.effectiveFrom },
        ])

    struct ResetLink: Sendable {
        var url: String
        var until: Instant
    }
    static let resetLink = Shape<ResetLink>(
        "ResetLink", [.text("url") { $0.url }, .time("expires_at") { $0.until }])
}
