import Base
import People
import Store
import Testing
import Web

@Suite("What other areas ask") struct LookupTests {
    @Test("/me says where a person may open tickets")
    func me() async throws {
        let house = try await House.make()
        let customer = try await Program(house, "customer").get("/me").json
        #expect(customer["login"] == "customer")
        #expect(customer["roles"] == ["customer"])
        #expect(customer["organization"]?["name"] == "Customer 1")
        #expect(customer["projects"]?.array?.count == 1)
        let project = try #require(customer["projects"]?.array?.first)
        #expect(project["name"] == "Project 1")
        #expect(project["sites"]?.array?.first?["name"] == "Site 1")
        #expect(project["sites"]?.array?.first?["time_zone"] == "Africa/Nairobi")
        let manager = try await Program(house, "service_manager").get("/me").json
        #expect(manager["projects"]?.array?.count == 2)
        let engineer = try await Program(house, "engineer").get("/me").json
        #expect(engineer["projects"] == .array([]))
    }

    @Test("units below one's own come along; named people get their project, a site lead its sites")
    func actor() async throws {
        let house = try await House.make()
        let gate = People.gatekeeper(seen: SeenCredentials())
        func actor(_ login: String) async throws -> Actor {
            let token = try await house.token(login)
            let caller = try await house.store.read(by: .system("test")) {
                try gate.caller(.bearer(token), $0)
            }
            return try #require(caller).actor
        }
        let field = try await house.account("engineer").organization
        let service = try await house.account("service_manager").organization
        let engineer = try await actor("engineer")
        #expect(engineer.units == [field])
        let manager = try await actor("service_manager")
        #expect(Set(manager.units) == [service, field])
        #expect(engineer.isStaff)
        let customer = try await actor("customer")
        #expect(!customer.isStaff && customer.units.isEmpty)

        let contact = try await house.account("engineer").id
        let lead = try await house.account("site_lead").id
        let technical = try await house.account("technical_lead").id
        let wrong = try await house.account("keeper").id
        try await house.store.write(by: .system("test")) { tx in
            let mine = try People.openProjects(tx)
            #expect(mine.isEmpty)
        }
        let admin = try await Program(house, "administrator")
        let project = try #require(await admin.get("/admin/projects").json["items"]?.array?.first)
        let id = try #require(project["id"]?.string)
        let site = try #require(project["sites"]?.array?.first?["id"]?.string)
        func name(_ siteLead: AccountID) async -> Answer {
            await admin.send(
                "POST", "/admin/projects/\(id)/contacts",
                .make([
                    "contact_id": .string(contact.text), "site_lead_id": .string(siteLead.text),
                    "technical_lead_id": .string(technical.text),
                ]))
        }
        let refused = await name(wrong)
        #expect(refused.status == 422)
        #expect(refused.json["errors"]?.array?.first?["code"] == "contact.no_post")
        #expect(await name(lead).status == 201)
        #expect(try await actor("engineer").projects == [ProjectID(id)])
        #expect(try await actor("site_lead").sites == [SiteID(site)])
        #expect(try await actor("site_lead").projects == [ProjectID(id)])
        let people = try await house.store.read(by: .system("test")) {
            try People.people(of: ProjectID(id), $0)
        }
        #expect(
            people.contact == contact && people.siteLeads == [lead] && people.technicalLeads == [technical])
        #expect(people.management.count == 1 && people.quality.count == 1)
    }

    @Test("routing proposes the line of the product, else that of any product")
    func routing() async throws {
        let house = try await House.make()
        let field = try await house.account("engineer").organization
        let service = try await house.account("service_manager").organization
        try await house.store.write(by: .system("test")) { tx in
            try People.add(NewRouting(.quality, unit: service), tx)
            try People.add(NewRouting(.quality, product: "wr-10", unit: field), tx)
        }
        func unit(_ category: String, _ product: String?) async throws -> OrganizationID? {
            try await house.store.read(by: .system("test")) {
                try People.routedUnit(category: category, product: product, $0)
            }
        }
        #expect(try await unit("quality", "ＷＲ－10") == field)
        #expect(try await unit("quality", "GS73") == service)
        #expect(try await unit("quality", nil) == service)
        #expect(try await unit("request", nil) == nil)
    }

    @Test("a customer sees its own organisation, project and site alone")
    func visibility() async throws {
        let house = try await House.make()
        let mine = try await house.account("customer").organization
        let theirs = try await house.account("customer2").organization
        let actor = Actor(
            id: try await house.account("customer").id, name: "c", roles: Roles(.customer), organization: mine
        )
        let admin = try await Program(house, "administrator")
        let projects = try #require(await admin.get("/admin/projects").json["items"]?.array)
        try await house.store.read(by: actor) { tx in
            #expect(try People.organization(mine, tx) != nil)
            #expect(try People.organization(theirs, tx) == nil)
            for p in projects {
                let id = ProjectID(p["id"]?.string ?? "")
                let isMine = p["customer_id"]?.string == mine.text
                let project = try People.project(id, tx)
                #expect((project != nil) == isMine)
                let site = SiteID(p["sites"]?.array?.first?["id"]?.string ?? "")
                let found = try People.site(site, tx)
                #expect((found != nil) == isMine)
            }
        }
    }
}
