import Base
import Foundation
import People
import Store
import TestKit
import Testing

/// Item 59 of the abuse list, with the program and its door: a backup taken while somebody is signed in
/// opens no door where it is restored.
@Suite(.enabled(if: program != nil, "needs the built program")) struct RestoreTests {
    @Test func abuse59ARestoredBackupRevivesNoSessionAndNoLink() async throws {
        signal(SIGPIPE, SIG_IGN)
        let place = try await Place()
        let data = place.folder.path
        let password = "correct horse 42"
        for (login, role) in [("boss", Role.administrator), ("li", .engineer)] {
            try await People.createAccount(
                login: login, name: login, roles: [role], organization: nil, password: password,
                mustChange: false, place.store)
        }
        let token = try await People.createToken(login: "boss", place.store)
        let leaving = try await People.createToken(login: "li", place.store)
        let id = try await place.read { tx in
            try tx.first("select id from account where login = 'li'") { $0.text() } ?? ""
        }
        let form = ("Content-Type", "application/x-www-form-urlencoded")
        func signIn(_ client: HTTPClient, _ login: String) async throws -> String? {
            try await client.send(
                "POST", "/sign-in", headers: [form],
                body: Array("login=\(login)&password=correct+horse+42&keep=1".utf8)
            ).cookie("fettle_session")
        }
        func me(_ client: HTTPClient, _ cookie: String) async throws -> Int {
            try await client.send("GET", "/me", headers: [("Cookie", "fettle_session=\(cookie)")]).status
        }
        func rights(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        func reset(_ client: HTTPClient, _ path: String) async throws -> Int {
            try await client.send("GET", path).status
        }

        let before = try await Served(data: data)
        let old = HTTPClient(port: before.port)
        let cookie = try #require(try await signIn(old, "boss"))
        #expect(try await me(old, cookie) == 200)
        let made = try await APICaller(old, token: token).post("/admin/accounts/\(id)/reset-link")
        let link = try #require(made.json["url"]?.string, "\(made.text)")
        #expect(try await reset(old, link) == 200)
        let file = data + "/house.backup"
        let backup = try await fettle(["backup", file], data: data)
        #expect(backup.code == 0, "\(backup.err)")
        #expect(try rights(file) == 0o600)
        #expect(try await me(old, cookie) == 200, "the house that serves goes on")
        // Whatever hands had the copy in between may have opened it up.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        // What happens after the backup is not in it: the session ends, and somebody leaves.
        before.stop()
        _ = await before.ended()

        let other = try await Place(isEmpty: true)
        let restored = try await fettle(["restore", file], data: other.folder.path)
        #expect(restored.code == 0, "\(restored.err)")
        if !TestEngine.isPostgres { #expect(try rights(other.folder.path + "/fettle.sqlite") == 0o600) }
        let after = try await Served(data: other.folder.path)
        let new = HTTPClient(port: after.port)
        #expect(try await me(new, cookie) == 303, "the cookie of then signs nobody in")
        let api = try await new.send("GET", "/api/v1/me", headers: [("Cookie", "fettle_session=\(cookie)")])
        #expect(api.status == 401)
        #expect(try await reset(new, link) == 404, "nor does the link set a password")
        let used = try await new.send(
            "POST", link, headers: [form], body: Array("password=another+long+horse+7".utf8))
        #expect(used.status == 404)
        // The people themselves are there, and sign in anew.
        let fresh = try #require(try await signIn(new, "boss"))
        #expect(try await me(new, fresh) == 200)
        #expect(fresh != cookie)
        // No token of then works: it may have been revoked since.
        for old in [token, leaving] { #expect(try await APICaller(new, token: old).get("/me").status == 401) }
        let renewed = try await fettle(["token", "create", "--user", "boss"], data: other.folder.path)
        #expect(renewed.code == 0, "\(renewed.err)")
        // Whoever left since then leaves again by one step of an administrator.
        let caller = APICaller(new, token: renewed.out.trimmed)
        #expect(try await caller.post("/admin/accounts/\(id)/disabling").status == 200)
        #expect(try await APICaller(new, token: leaving).get("/me").status == 401)
        after.stop()
        _ = await after.ended()
        let verified = try await fettle(["verify"], data: other.folder.path)
        #expect(verified.code == 0, "\(verified.out)")
    }
}
