import Base
import People
import Store
import Testing
import Web

@Suite("Administration") struct AdministrationTests {
    static let pages = [
        "/admin/accounts", "/admin/accounts?q=engineer&role=engineer&state=active",
        "/admin/accounts?q=%25_%5C",
        "/admin/units", "/admin/customers", "/admin/customers?q=1", "/admin/suppliers", "/admin/projects",
        "/admin/routing", "/admin/settings", "/me",
    ]
    static let writing = [
        "/admin/accounts/new", "/admin/organizations/new?kind=unit", "/admin/organizations/new?kind=supplier",
        "/admin/projects/new",
    ]

    @Test("every page opens for the administrator in all languages, in whole sentences")
    func pagesOpen() async throws {
        let house = try await House.make()
        let b = try await house.signedIn("administrator")
        let program = try await Program(house, "administrator")
        let engineer = try await house.account("engineer")
        let project = try #require(
            await program.get("/admin/projects").json["items"]?.array?.first)
        let site = project["sites"]?.array?.first?["id"]?.string ?? ""
        let more = [
            "/admin/accounts/\(engineer.id)", "/admin/organizations/\(engineer.organization)",
            "/admin/organizations/\(project["customer_id"]?.string ?? "")",
            "/admin/projects/\(project["id"]?.string ?? "")",
            "/admin/projects/\(project["id"]?.string ?? "")/sites/new", "/admin/sites/\(site)",
        ]
        for language in Language.allCases {
            _ = await b.post("/language", [("language", language.tag)])
            for path in Self.pages + Self.writing + more {
                let page = await b.get(path)
                #expect(page.status == 200, "\(path) \(language)")
                let ids = page.body.split(separator: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
                #expect(Set(ids).count == ids.count, "\(path) has an id twice: \(ids.sorted())")
                // A key that has no sentence shows as the key itself.
                for key in ["people.", ">door.", ">me.", "setting.", "fact.", ">error."] {
                    #expect(!page.body.contains(key), "\(path) \(language) shows a key \(key)")
                }
            }
        }
    }

    @Test("the auditor reads and writes nothing; others find no door", arguments: Role.allCases)
    func doors(role: Role) async throws {
        guard role != .supplier else { return }
        let house = try await House.make()
        let b = try await house.signedIn(role.rawValue)
        let program = try await Program(house, role.rawValue)
        let reads = role == .administrator || role == .auditor
        for path in Self.pages where path != "/me" {
            #expect(await b.get(path).status == (reads ? 200 : 403), "\(role) \(path)")
        }
        let id = try await house.account("keeper").id.text
        for path in ["/admin/accounts", "/admin/accounts/\(id)", "/admin/organizations", "/admin/settings"] {
            #expect(await program.get(path).status == (reads ? 200 : 403), "\(role) \(path)")
        }
        guard role != .administrator else { return }
        for path in Self.writing { #expect(await b.get(path).status == 403, "\(role) \(path)") }
        for (method, path) in [
            ("POST", "/admin/accounts"), ("PATCH", "/admin/accounts/\(id)"), ("POST", "/admin/organizations"),
            ("POST", "/admin/accounts/\(id)/disabling"), ("POST", "/admin/accounts/\(id)/reset-link"),
            ("POST", "/admin/accounts/\(id)/posts"), ("PUT", "/admin/settings/four_eyes"),
            ("POST", "/admin/routing"), ("POST", "/admin/projects"),
        ] {
            #expect(await program.send(method, path, .object([])).status == 403, "\(role) \(method) \(path)")
        }
    }

    @Test("an account is made, changed under its version, and its history says so")
    func account() async throws {
        let house = try await House.make()
        let admin = try await Program(house, "administrator")
        let home = try await house.account("engineer").organization.text
        let made = await admin.send(
            "POST", "/admin/accounts",
            .make([
                "login": " Li.Wei ", "name": "李伟", "organization_id": .string(home), "skills": ["acu", "rf"],
            ]))
        #expect(made.status == 201)
        #expect(made.json["login"] == "li.wei")
        let id = try #require(made.json["id"]?.string)
        #expect(made.location == "/api/v1/admin/accounts/\(id)")
        #expect(made.header("ETag") == "\"1\"")
        let path = "/admin/accounts/\(id)"
        let change = JSON.make(["name": "李 伟", "phone": "+86 1"])
        #expect(await admin.send("PATCH", path, change).status == 428)
        #expect(await admin.send("PATCH", path, change, match: "\"7\"").status == 412)
        let done = await admin.send("PATCH", path, change, match: "\"1\"")
        #expect(done.status == 200)
        #expect(done.json["version"] == 2)
        #expect(done.json["skills"] == ["acu", "rf"])
        #expect(await admin.send("PATCH", path, change, match: "1").status == 412)
        // What is cleared is named and empty.
        #expect(await admin.send("PATCH", path, .make(["phone": .null]), match: "2").json["phone"] == .null)
        #expect(await admin.send("PATCH", path, .make(["name": ""]), match: "3").status == 422)
        let again = await admin.send(
            "POST", "/admin/accounts",
            .make(["login": "LI.WEI", "name": "x", "organization_id": .string(home)]))
        #expect(again.status == 422)
        #expect(again.json["errors"]?.array?.first?["code"] == "login.taken")
        let facts = try await house.store.read(by: .system("test")) { tx in
            try tx.history(of: Subject("account", id)).map(\.kind)
        }
        #expect(facts == ["account.created", "account.changed", "account.changed"])
        #expect(try await house.store.read(by: .system("test")) { try History.verify($0).faults } == [])
    }

    @Test("not found, not allowed, no version, stale, not possible, wrong: in that order")
    func precedence() async throws {
        let house = try await House.make()
        let admin = try await Program(house, "administrator")
        let auditor = try await Program(house, "auditor")
        let id = try await house.account("engineer").id.text
        let wrong = JSON.make(["nonsense": "x"])
        #expect(await auditor.send("PATCH", "/admin/accounts/none", wrong).status == 404)
        #expect(await auditor.send("PATCH", "/admin/accounts/\(id)", wrong).status == 403)
        #expect(await admin.send("PATCH", "/admin/accounts/\(id)", wrong).status == 428)
        #expect(await admin.send("PATCH", "/admin/accounts/\(id)", wrong, match: "9").status == 412)
        let answer = await admin.send("PATCH", "/admin/accounts/\(id)", wrong, match: "1")
        #expect(answer.status == 422)
        #expect(answer.json["errors"]?.array?.first?["code"] == "field.unknown")
        #expect(await house.browser().get("/api/v1/admin/accounts").status == 401)
    }

    @Test("nobody gives themselves a role: not by a post, not through the body of their own data")
    func ownRole() async throws {
        let house = try await House.make()
        let admin = try await Program(house, "administrator")
        let me = try await house.account("administrator").id.text
        let own = await admin.send("POST", "/admin/accounts/\(me)/posts", .make(["role": "auditor"]))
        #expect(own.status == 403)
        #expect(own.code == "people.own_posts")
        for field in ["roles", "role", "organization", "is_active", "login", "id", "password_hash"] {
            let answer = await admin.send(
                "PATCH", "/admin/accounts/\(me)", .object([.init(field, "administrator")]), match: "1")
            #expect(answer.status == 422, "\(field)")
        }
        #expect(await admin.send("POST", "/admin/accounts/\(me)/disabling", .object([])).status == 403)
        // A form's unknown fields are not read at all.
        let engineer = try await house.signedIn("engineer")
        _ = await engineer.post(
            "/me",
            [
                ("language", "en"), ("time_zone", "UTC"), ("theme", "dark"), ("roles", "administrator"),
                ("organization_id", "x"), ("login", "boss"),
            ])
        let account = try await house.account("engineer")
        #expect(account.login == "engineer" && account.theme == "dark" && account.zone == "UTC")
        #expect(await engineer.get("/admin/accounts").status == 403)
    }

    @Test(
        "three powers stay apart, refused by name",
        arguments: [
            ("engineer", "administrator"), ("engineer", "auditor"), ("auditor", "engineer"),
            ("auditor", "administrator"),
        ])
    func powers(login: String, role: String) async throws {
        let house = try await House.make()
        let admin = try await Program(house, "administrator")
        let id = try await house.account(login).id.text
        let answer = await admin.send("POST", "/admin/accounts/\(id)/posts", .make(["role": .string(role)]))
        #expect(answer.status == 403)
        #expect(answer.code == "people.powers_separated")
        let strings = Strings.of(.english)
        #expect(answer.json["detail"]?.string?.contains(strings["role.\(role)"]) == true)
        // Two posts of one power join; customers hold none of the house's.
        let keeper = try await house.account("keeper").id.text
        #expect(
            await admin.send("POST", "/admin/accounts/\(keeper)/posts", .make(["role": "finance"])).status
                == 201)
        #expect(
            await admin.send("POST", "/admin/accounts/\(keeper)/posts", .make(["role": "finance"])).status
                == 422)
        let customer = try await house.account("customer").id.text
        #expect(
            await admin.send("POST", "/admin/accounts/\(customer)/posts", .make(["role": "engineer"])).status
                == 422)
    }

    @Test("script in a name is text wherever it shows")
    func script() async throws {
        let house = try await House.make()
        let admin = try await Program(house, "administrator")
        let evil = "<script>alert(1)</script>\"'&{name}@role.auditor"
        let made = await admin.send(
            "POST", "/admin/organizations",
            .make(["kind": "customer", "name": .string(evil), "code": .string("<img src=x onerror=1>")]))
        #expect(made.status == 201)
        let id = made.json["id"]?.string ?? ""
        let account = await admin.send(
            "POST", "/admin/accounts",
            .make(["login": "evil", "name": .string(evil), "organization_id": .string(id)]))
        #expect(account.status == 201)
        let b = try await house.signedIn("administrator")
        for path in [
            "/admin/customers", "/admin/organizations/\(id)", "/admin/accounts",
            "/admin/accounts/\(account.json["id"]?.string ?? "")", "/admin/accounts/new",
            "/admin/projects/new",
            "/admin/accounts?q=%3Cscript%3E",
        ] {
            let page = await b.get(path)
            #expect(page.status == 200, "\(path)")
            #expect(!page.body.contains("<script>"), "\(path)")
            #expect(!page.body.contains("<img"), "\(path)")
        }
    }

    @Test("settings are versions with a time; a wrong value is named")
    func settings() async throws {
        let house = try await House.make()
        let admin = try await Program(house, "administrator")
        func put(_ name: String, _ value: JSON, _ match: String) async -> Answer {
            await admin.send("PUT", "/admin/settings/\(name)", value, match: match)
        }
        #expect(await put("four_eyes", .make(["value": "never"]), "0").status == 422)
        #expect(await put("currency", .make(["value": "yuan"]), "0").status == 422)
        #expect(await put("base_url", .make(["value": "javascript:alert(1)"]), "0").status == 422)
        #expect(await put("house_time_zone", .make(["value": "Mars/Olympus"]), "0").status == 422)
        #expect(await put("nothing", .make(["value": "x"]), "0").status == 404)
        #expect(await put("currency", .make(["value": "EUR"]), "0").json["version"] == 1)
        #expect(await put("currency", .make(["value": "USD"]), "0").status == 412)
        let later = JSON.make(["value": "USD", "effective_from": "2026-04-01T00:00:00Z"])
        #expect(await put("currency", later, "1").json["version"] == 2)
        func current(_ time: String) async throws -> JSON {
            let at = try #require(Instant(rfc3339: time))
            return try await house.store.read(by: .system("test")) {
                try Settings.current(.currency, at: at, $0)
            }
        }
        #expect(try await current("2026-03-01T00:00:00Z") == "CNY")
        #expect(try await current("2026-03-20T00:00:00Z") == "EUR")
        #expect(try await current("2026-04-01T00:00:00Z") == "USD")
    }

    @Test("lists page by key; a cursor is bound to reader and filter")
    func cursors() async throws {
        let house = try await House.make()
        let admin = try await Program(house, "administrator")
        let auditor = try await Program(house, "auditor")
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = await admin.get("/admin/accounts?limit=4" + (cursor.map { "&cursor=\($0)" } ?? ""))
                .json
            seen += page["items"]?.array?.compactMap { $0["login"]?.string } ?? []
            let next = page["next_cursor"]?.string
            if cursor == nil, let next {
                #expect(await auditor.get("/admin/accounts?limit=4&cursor=\(next)").status == 422)
                #expect(await admin.get("/admin/accounts?q=a&cursor=\(next)").status == 422)
            }
            cursor = next
        } while cursor != nil
        #expect(seen == seen.sorted())
        #expect(Set(seen).count == 13 && seen.count == 13)
        #expect(await admin.get("/admin/accounts?limit=201").status == 422)
    }
}
