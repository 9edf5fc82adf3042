import Base
import Foundation
import People
import Store
import StoreSQLite
import TestKit
import Testing
import Web

/// The card that leads an administrator from an empty house to the first ticket.
@Suite("First steps") struct FirstStepsTests {
    private static let card = "id=\"first-steps\""

    /// A house with its administrator and nobody else.
    private func empty() async throws -> House {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fettle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let clock = Locked(House.start)
        let store = Store(
            engine: try SQLiteEngine(path: folder.appending(path: "fettle.db").path),
            clock: { clock.withLock { $0 } })
        try await store.migrate(StoreMigrations.all + WebMigrations.all + People.migrations)
        let hash = try await KnownPasswords.shared.hash(House.password)
        try await store.write(by: .system("test")) { tx in
            let home = try People.add(NewOrganization(.house, name: "远衡科技"), tx)
            for role in [Role.administrator, .auditor] {
                let account = try People.add(
                    NewAccount(login: role.rawValue, name: "The \(role)", organization: home.id),
                    passwordHash: hash, tx)
                try People.add(NewPost(role), to: account, tx)
            }
        }
        return House(folder, store, clock)
    }

    /// The step that is offered as the one button.
    private func next(_ page: Answer) -> String? {
        page.body.firstMatch(of: /<a class="btn btn-primary btn-s" href="([^"]+)"/).map { String($0.1) }
    }

    @Test("each step done makes the next one the button, and the card goes with the last")
    func inOrder() async throws {
        let house = try await empty()
        let b = try await house.signedIn("administrator")
        #expect(next(await b.get("/admin/accounts")) == "/admin/organizations/new?kind=customer")

        let customer = try await house.store.write(by: .system("test")) { tx in
            try People.add(NewOrganization(.customer, name: "Rift"), tx)
        }
        #expect(next(await b.get("/admin/accounts")) == "/admin/projects/new")

        let project = try await house.store.write(by: .system("test")) { tx in
            try People.add(NewProject(code: "PRJ", name: "Radar", customer: customer.id), tx)
        }
        #expect(next(await b.get("/admin/accounts")) == "/admin/projects")

        try await house.store.write(by: .system("test")) { tx in
            _ = try People.add(NewSite(name: "Naivasha", zone: "Africa/Nairobi"), to: project, tx)
        }
        #expect(next(await b.get("/admin/accounts")) == "/admin/accounts/new")

        let home = try await house.account("administrator").organization
        for (login, role, place) in [
            ("manager", Role.serviceManager, home), ("amina", .customer, customer.id),
        ] {
            #expect(await b.get("/admin/accounts").body.contains(Self.card), "before \(login)")
            try await house.store.write(by: .system("test")) { tx in
                let account = try People.add(
                    NewAccount(login: login, name: login, organization: place), tx)
                try People.add(NewPost(role), to: account, tx)
            }
        }
        #expect(!(await b.get("/admin/accounts").body.contains(Self.card)))
    }

    @Test("who may not write is not told to")
    func auditor() async throws {
        let house = try await empty()
        let b = try await house.signedIn("auditor")
        let page = await b.get("/admin/accounts")
        #expect(page.status == 200)
        #expect(!page.body.contains(Self.card))
    }
}
