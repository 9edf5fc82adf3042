import Base
import Foundation

/// The content of the demo world as it is written down in `Sources/Assets/demo`; see its README for the
/// meaning of each field. Every organisation, person and product of it is invented.
struct DemoContent: Sendable {
    /// A text in the two languages of the content.
    struct Text: Decodable, Sendable {
        var hans: String
        var en: String
        enum CodingKeys: String, CodingKey {
            case hans = "zh-Hans"
            case en
        }
        func text(_ language: String) -> String { language == "en" ? en : hans }
    }

    struct Organization: Decodable, Sendable {
        var id, kind: String
        var parent: String?
        var name, shortName: Text
        var country: Text?
        var timeZone: String
    }

    struct Person: Decodable, Sendable {
        var id: String
        var name: Text
        var organisation, role, login, timeZone: String
        var site: String?
        var languages, skills: [String]
        var phone, email: String?
    }

    struct Site: Decodable, Sendable {
        var id: String
        var name: Text
        var timeZone: String
        var address: Text?
    }

    struct Contract: Decodable, Sendable {
        var number, serviceFrom, serviceUntil: String
    }

    struct Project: Decodable, Sendable {
        var id, number: String
        var name: Text
        var customer, contactPerson, deputy, contactSince, siteLead, technicalLead: String
        var contract: Contract
        var serviceLevel: String
        var sites: [Site]
    }

    struct Hours: Decodable, Sendable { var responseHours, solutionHours: Int64 }

    struct Level: Decodable, Sendable {
        var id: String
        var name: Text
        var calendar: String
        var targets: [String: Hours]
    }

    struct Calendar: Decodable, Sendable {
        var id, timeZone: String
        var always: Bool
        var spans: [[String]]?
        var holidaySet: String?
    }

    struct Named: Decodable, Sendable {
        var id: String
        var name: Text
    }

    struct Subsystem: Decodable, Sendable {
        var id: String
        var name: Text
        var positions: [Named]
    }

    struct Product: Decodable, Sendable {
        var id, model: String
        var name: Text
        var subsystems: [Subsystem]
        var failureModes: [Named]
    }

    struct Unit: Decodable, Sendable {
        var id, product, serial: String
        var site, project, owner: String?
        var use: String
        var delivered, warrantyUntil: String?
        var softwareVersion: String?
        var operatingHours: Int?
        var note: Text?
    }

    struct Part: Decodable, Sendable {
        var number: String
        var name: Text
        var unit, tracking, abcClass: String
        var priceFen: Int64
        var leadTimeDays, shelfLifeMonths: Int64?
        var minimumStock: Int64
        var fits: [String]
        var supersededBy, supplier: String?
    }

    struct Place: Decodable, Sendable {
        var id, kind: String
        var name: Text
        var timeZone: String?
        var keeper, parent, site: String?
    }

    struct Line: Decodable, Sendable {
        var by, role, visibility, text, lang: String
        var asksCustomer: Bool?
    }

    struct Ruling: Decodable, Sendable { var outcome, statement, by: String }

    struct PlanMilestone: Decodable, Sendable {
        var title: String
        var dueDay: Int64
    }

    struct Plan: Decodable, Sendable {
        var milestones: [PlanMilestone]
        var resources: String
    }

    struct PartUsed: Decodable, Sendable {
        var number: String
        var quantity: Int64
    }

    struct Scores: Decodable, Sendable {
        var response, attitude, skill, result: Int
        var comment: String?
    }

    struct Story: Decodable, Sendable {
        var id, category, nature, subType, lang, title, description: String
        var requester, submittedBy, organisation, project, site: String
        var product, productUnit, failureMode: String?
        var urgency, impact, commonness, priority: String
        var safety: Bool
        var engineer, technicalLead, siteLead: String
        var conversation: [Line]
        var interimMeasure, cause, solution, completionReport: String?
        var decision: Ruling?
        var plan: Plan?
        var parts: [PartUsed]
        var evaluation: Scores?
        var lesson: Text
        var tags: [String]
        var monthHint: Int?
        var duplicateOf: String?
    }

    let organizations: [Organization]
    let people: [Person]
    let projects: [Project]
    let levels: [Level]
    let calendars: [Calendar]
    let products: [String: Product]
    let units: [Unit]
    let parts: [Part]
    let places: [Place]
    let prices: [String: Int64]
    let stories: [Story]
    private let personByID: [String: Person]
    private let projectByID: [String: Project]

    func person(_ id: String) -> Person? { personByID[id] }
    func project(_ id: String) -> Project? { projectByID[id] }

    /// Reads what is built into the program.
    init() throws {
        struct Organizations: Decodable { var organisations: [Organization] }
        struct People: Decodable { var people: [Person] }
        struct Projects: Decodable {
            var projects: [Project]
            var serviceLevels: [Level]
            var calendars: [Calendar]
        }
        struct Products: Decodable { var products: [Product] }
        struct Units: Decodable { var units: [Unit] }
        struct Parts: Decodable { var parts: [Part] }
        struct Places: Decodable { var places: [Place] }
        struct Stories: Decodable { var tickets: [Story] }
        organizations = try DemoContent.read("organisations", Organizations.self).organisations
        people = try DemoContent.read("people", People.self).people
        let sold = try DemoContent.read("projects", Projects.self)
        projects = sold.projects
        levels = sold.serviceLevels
        calendars = sold.calendars
        products = Dictionary(
            try DemoContent.read("products", Products.self).products.map { ($0.id, $0) },
            uniquingKeysWith: { a, _ in a })
        units = try DemoContent.read("units", Units.self).units
        parts = try DemoContent.read("parts", Parts.self).parts
        places = try DemoContent.read("places", Places.self).places
        prices = Dictionary(
            parts.map { ($0.number, $0.priceFen) },
            uniquingKeysWith: { a, _ in a })
        stories = try DemoContent.read("ticket_texts", Stories.self).tickets
        personByID = Dictionary(people.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        projectByID = Dictionary(projects.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    }

    private static func read<T: Decodable>(_ name: String, _: T.Type) throws -> T {
        guard let asset = Asset.named("demo/\(name).json") else {
            throw Failure(.internal, "demo.content_missing", ["name": name])
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(T.self, from: Data(asset.bytes))
    }
}
