import Base
import Web

extension FieldReader {
    mutating func zone(changed name: String) -> Change<String> {
        let value = optionalText(name, max: 64)
        guard names(name) else { return .keep }
        return .set(checkedZone(name, value))
    }
    /// A zone by its IANA name.
    mutating func zone(_ name: String) -> String? {
        let value = optionalText(name, max: 64)
        return value == nil ? nil : checkedZone(name, value)
    }
    private mutating func checkedZone(_ name: String, _ value: String?) -> String {
        guard let value, Zone(value) != nil else {
            fault(name, "field.not_a_zone")
            return "UTC"
        }
        return value
    }
    /// A country by its two letters (ISO 3166-1).
    mutating func country(_ name: String) -> String? {
        guard let value = optionalText(name, max: 2) else { return nil }
        guard let country = Country(value) else {
            fault(name, "field.not_a_country")
            return nil
        }
        return country.code
    }
    mutating func country(changed name: String) -> Change<String?> {
        let value = country(name)
        return names(name) ? .set(value) : .keep
    }
    mutating func email(_ name: String) -> String? {
        guard let value = optionalText(name, max: 200) else { return nil }
        let parts = value.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !value.contains(" ") else {
            fault(name, "field.not_an_address")
            return nil
        }
        return value.lowercased()
    }
    mutating func login(_ name: String) -> String {
        let value = Logins.fold(text(name, max: 64))
        if !value.isEmpty, !Logins.isValid(value) { fault(name, "login.shape") }
        return value
    }
}

/// Sign-in names.
enum Logins {
    /// As kept and compared: NFKC, lower case.
    static func fold(_ login: String) -> String { CleanText.foldIdentifier(login).lowercased() }

    /// 2 to 64 of `a-z 0-9 . _ - @`, beginning with a letter or digit.
    static func isValid(_ login: String) -> Bool {
        guard (2...64).contains(login.utf8.count), let first = login.utf8.first else { return false }
        func isPlain(_ b: UInt8) -> Bool { (0x61...0x7A).contains(b) || (0x30...0x39).contains(b) }
        return isPlain(first)
            && login.utf8.allSatisfy { isPlain($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D || $0 == 0x40 }
    }
}

public struct NewAccount: Command {
    public var login: String
    public var name: String
    public var nameLatin: String?
    public var email: String?
    public var phone: String?
    public var organization: OrganizationID
    public var language: Language = .simplifiedChinese
    public var zone: String?
    public var skills: [String] = []
    public var languages: [String] = []
    public var place: String?

    public init(_ read: inout FieldReader) {
        login = read.login("login")
        name = read.text("name", max: 100)
        nameLatin = read.optionalText("name_latin", max: 100)
        email = read.email("email")
        phone = read.optionalText("phone", max: 50)
        organization = read.id("organization_id")
        language = read.optionalChoice("language") ?? .simplifiedChinese
        zone = read.zone("time_zone")
        skills = read.words("skills") ?? []
        languages = read.words("languages") ?? []
        place = read.optionalText("place", max: 100)
    }

    public init(login: String, name: String, organization: OrganizationID) {
        self.login = login
        self.name = name
        self.organization = organization
    }
}

struct EditAccount: Command {
    var name: Change<String>
    var nameLatin: Change<String?>
    var email: Change<String?>
    var phone: Change<String?>
    var organization: Change<OrganizationID?>
    var language: Language?
    var zone: Change<String>
    var skills: Change<[String]>
    var languages: Change<[String]>
    var place: Change<String?>
    var leaveFrom: Change<Instant?>
    var leaveTo: Change<Instant?>

    init(_ read: inout FieldReader) {
        name = read.text(changed: "name", max: 100)
        nameLatin = read.optional(changed: "name_latin", max: 100)
        let mail = read.email("email")
        email = read.names("email") ? .set(mail) : .keep
        phone = read.optional(changed: "phone", max: 50)
        let unit: OrganizationID? = read.optionalID("organization_id")
        organization = unit == nil ? .keep : .set(unit)
        language = read.optionalChoice("language")
        zone = read.zone(changed: "time_zone")
        let s = read.words("skills")
        skills = read.names("skills") ? .set(s ?? []) : .keep
        let l = read.words("languages")
        languages = read.names("languages") ? .set(l ?? []) : .keep
        place = read.optional(changed: "place", max: 100)
        let from = read.optionalInstant("leave_from")
        leaveFrom = read.names("leave_from") ? .set(from) : .keep
        let to = read.optionalInstant("leave_to")
        leaveTo = read.names("leave_to") ? .set(to) : .keep
        if let from, let to, to <= from { read.fault("leave_to", "field.ends_before") }
    }
}

public struct NewPost: Command {
    public var role: Role?
    public var unit: OrganizationID?
    public var project: ProjectID?
    public var site: SiteID?
    public var from: Instant?
    public var to: Instant?

    public init(_ read: inout FieldReader) {
        role = read.choice("role")
        unit = read.optionalID("unit_id")
        project = read.optionalID("project_id")
        site = read.optionalID("site_id")
        from = read.optionalInstant("from_at")
        to = read.optionalInstant("to_at")
        if let from, let to, to <= from { read.fault("to_at", "field.ends_before") }
    }

    public init(_ role: Role, unit: OrganizationID? = nil, project: ProjectID? = nil, site: SiteID? = nil) {
        self.role = role
        self.unit = unit
        self.project = project
        self.site = site
    }
}

struct EndPost: Command {
    var to: Instant?
    init(_ read: inout FieldReader) { to = read.optionalInstant("to_at") }
}

public struct NewOrganization: Command {
    public var kind: Organization.Kind?
    public var parent: OrganizationID?
    public var name: String
    public var nameEn: String?
    public var code: String?
    public var country: String?
    public var zone: String?

    public init(_ read: inout FieldReader) {
        kind = read.choice("kind")
        parent = read.optionalID("parent_id")
        name = read.text("name", max: 200)
        nameEn = read.optionalText("name_en", max: 200)
        code = read.optionalText("code", max: 40)
        country = read.country("country")
        zone = read.zone("time_zone")
    }

    public init(_ kind: Organization.Kind, name: String, parent: OrganizationID? = nil) {
        self.kind = kind
        self.name = name
        self.parent = parent
    }
}

struct EditOrganization: Command {
    var parent: Change<OrganizationID?>
    var name: Change<String>
    var nameEn: Change<String?>
    var code: Change<String?>
    var country: Change<String?>
    var zone: Change<String>
    var isActive: Change<Bool>

    init(_ read: inout FieldReader) {
        let above: OrganizationID? = read.optionalID("parent_id")
        parent = read.names("parent_id") ? .set(above) : .keep
        name = read.text(changed: "name", max: 200)
        nameEn = read.optional(changed: "name_en", max: 200)
        code = read.optional(changed: "code", max: 40)
        country = read.country(changed: "country")
        zone = read.zone(changed: "time_zone")
        isActive = read.state("is_active")
    }
}

public struct NewProject: Command {
    public var code: String
    public var name: String
    public var nameEn: String?
    public var customer: OrganizationID
    public var contract: String?

    public init(_ read: inout FieldReader) {
        code = CleanText.foldIdentifier(read.text("code", max: 40))
        name = read.text("name", max: 200)
        nameEn = read.optionalText("name_en", max: 200)
        customer = read.id("customer_id")
        contract = read.optionalText("contract", max: 100)
    }

    public init(code: String, name: String, customer: OrganizationID) {
        self.code = code
        self.name = name
        self.customer = customer
    }
}

struct EditProject: Command {
    var name: Change<String>
    var nameEn: Change<String?>
    var contract: Change<String?>
    var isActive: Change<Bool>

    init(_ read: inout FieldReader) {
        name = read.text(changed: "name", max: 200)
        nameEn = read.optional(changed: "name_en", max: 200)
        contract = read.optional(changed: "contract", max: 100)
        isActive = read.state("is_active")
    }
}

public struct NewContact: Command {
    public var contact: AccountID
    public var deputy: AccountID?
    public var siteLead: AccountID?
    public var technicalLead: AccountID?
    public var from: Instant?

    public init(_ read: inout FieldReader) {
        contact = read.id("contact_id")
        deputy = read.optionalID("deputy_id")
        siteLead = read.optionalID("site_lead_id")
        technicalLead = read.optionalID("technical_lead_id")
        from = read.optionalInstant("from_at")
        if deputy == contact { read.fault("deputy_id", "contact.same_person") }
    }

    public init(
        contact: AccountID, deputy: AccountID? = nil, siteLead: AccountID? = nil,
        technicalLead: AccountID? = nil, from: Instant? = nil
    ) {
        self.contact = contact
        self.deputy = deputy
        self.siteLead = siteLead
        self.technicalLead = technicalLead
        self.from = from
    }
}

public struct NewSite: Command {
    public var name: String
    public var nameEn: String?
    public var country: String?
    public var zone: String
    public var address: String?

    public init(_ read: inout FieldReader) {
        name = read.text("name", max: 200)
        nameEn = read.optionalText("name_en", max: 200)
        country = read.country("country")
        zone = read.zone("time_zone") ?? ""
        if zone.isEmpty { read.fault("time_zone", "field.required") }
        address = read.optionalText("address", max: 500)
    }

    public init(name: String, zone: String) {
        self.name = name
        self.zone = zone
    }
}

struct EditSite: Command {
    var name: Change<String>
    var nameEn: Change<String?>
    var country: Change<String?>
    var zone: Change<String>
    var address: Change<String?>
    var isActive: Change<Bool>

    init(_ read: inout FieldReader) {
        name = read.text(changed: "name", max: 200)
        nameEn = read.optional(changed: "name_en", max: 200)
        country = read.country(changed: "country")
        zone = read.zone(changed: "time_zone")
        address = read.optional(changed: "address", max: 500)
        isActive = read.state("is_active")
    }
}

public struct NewRouting: Command {
    public var category: RoutedCategory?
    public var product: String?
    public var unit: OrganizationID

    public init(_ read: inout FieldReader) {
        category = read.choice("category")
        product = read.optionalText("product", max: 100)
        unit = read.id("unit_id")
    }

    public init(_ category: RoutedCategory, product: String? = nil, unit: OrganizationID) {
        self.category = category
        self.product = product
        self.unit = unit
    }
}
