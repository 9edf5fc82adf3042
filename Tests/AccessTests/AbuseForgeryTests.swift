import Base
import Store
import TestKit
import Testing

@testable import fettle

/// Item 37 of the abuse list for every form there is, and what a damaged request does to the door.
@Suite struct AbuseForgeryTests {
    /// Every page's form, sent by a browser that is signed in and may send it, from a page that does not
    /// know the session's secret: refused before anything of it is read, whatever kind of form it is.
    @Test func abuse37EveryFormWithoutItsSecret() async throws {
        let s = try await Scene.open()
        let w = s.w
        var sessions: [Character: Session] = [:]
        var tried = 0
        let before = try await facts(w)
        let open = ["POST /sign-out", "POST /language"]
        for line in RouteTable.lines where line.method != "GET" && !line.isAPI {
            guard !line.isOpen || open.contains(line.route) else { continue }
            // An open door is knocked at by somebody who is signed in already.
            let letter = line.isOpen ? "C" : line.may.min()
            guard let letter, let who = RouteTableTests.people.first(where: { $0.0 == letter })?.1 else {
                continue
            }
            if sessions[letter] == nil { sessions[letter] = try await w.signIn(who) }
            let session = try #require(sessions[letter])
            let (multipart, parts) = Workshop.multipart("a.txt", [65], fields: [("title", "Forged")])
            let (wrong, partsWithWrong) = Workshop.multipart("a.txt", [65], fields: [("_form", "guess")])
            let forged: [(String, [UInt8])] = [
                ("application/x-www-form-urlencoded", Array("title=Forged&body=Forged&_form=".utf8)),
                ("application/x-www-form-urlencoded", Array("title=Forged&body=Forged&_form=guess".utf8)),
                ("text/plain", Array("title=Forged&body=Forged".utf8)), (multipart, parts),
                (wrong, partsWithWrong), ("application/json", Array("{\"title\":\"Forged\"}".utf8)),
            ]
            for (type, body) in forged {
                let reply = try await w.client.send(
                    line.method, s.fill(line),
                    headers: [("Cookie", "fettle_session=\(session.cookie)"), ("Content-Type", type)],
                    body: body)
                tried += 1
                #expect(reply.status == 403, "\(who): \(line.route) as \(type.prefix(30)): \(reply.status)")
            }
        }
        #expect(tried > 400, "\(tried)")
        // Signing in wrote; nothing else did, and nobody was signed out.
        for (letter, session) in sessions {
            #expect(try await session.get("/me").status == 200, "\(letter)")
        }
        let after = try await facts(w)
        #expect(after.filter { !before.contains($0) && $0 != "account.signed_in" } == [])
        #expect(try await w.api("customer").get("/search?q=Forged").json["total"]?.int == 0)
        try await s.close()
    }

    private func facts(_ w: Workshop) async throws -> Set<String> {
        try await w.house.store.read(by: .system("test")) { tx in
            Set(
                try tx.rows("select kind || ' ' || subject_id || ' ' || number from history") { $0.text() }
                    .map { $0.hasPrefix("account.signed_in") ? "account.signed_in" : $0 })
        }
    }

    /// Seeds that stay, and one that is new every time and told with whatever it finds.
    static let seeds: [UInt64] = [201, 202, .random(in: 1000 ... .max)]

    /// Damaged forms, uploads, bodies, cookies and queries: an answer comes each time, it is never our
    /// own fault, nothing slips into its headers, and the next good request is served.
    @Test(arguments: seeds)
    func damagedRequestsAreAnswered(seed: UInt64) async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        let me = try await w.signIn("customer")
        var random = SeededRandom(seed)
        let (type, upload) = Workshop.multipart(
            "photo.png", Sample.png, type: "image/png",
            fields: [("visibility", "public"), ("_form", me.secret)])
        let form = Array("title=%E5%94%AE+x&description=d&category=quality&_form=\(me.secret)&file=".utf8)
        let json = w.report().bytes
        let cookie = Array("fettle_session=\(me.cookie); fettle_language=\"en\"; a=b=c".utf8)
        let query = Array("q=%E5%94%AE&state=open,archived&limit=20&sort=due&serial=A%201".utf8)
        let bearer = ("Authorization", "Bearer \(w.tokens["customer"] ?? "")")
        for round in 0..<120 {
            let replies: [(String, HTTPClient.Response?)] = [
                (
                    "multipart",
                    try? await w.client.send(
                        "POST", "/api/v1/tickets/\(number)/attachments",
                        headers: [bearer, ("Content-Type", type)], body: random.damaged(upload))
                ),
                (
                    "multipart type",
                    try? await w.client.send(
                        "POST", "/tickets",
                        headers: [bearer, ("Content-Type", random.damagedHeader(Array(type.utf8)))],
                        body: upload)
                ),
                (
                    "form",
                    try? await w.client.send(
                        "POST", "/tickets/find",
                        headers: [bearer, ("Content-Type", "application/x-www-form-urlencoded")],
                        body: random.damaged(form))
                ),
                (
                    "json",
                    try? await w.client.send(
                        "POST", "/api/v1/tickets", headers: [bearer, ("Content-Type", "application/json")],
                        body: random.damaged(json))
                ),
                (
                    "cookie",
                    try? await w.client.send(
                        "GET", "/me", headers: [("Cookie", random.damagedHeader(cookie))])
                ),
                (
                    "query",
                    try? await w.client.send(
                        "GET", "/tickets?" + random.damagedHeader(query).replacing(" ", with: "+"),
                        headers: [bearer]
                    )
                ),
                (
                    "path",
                    try? await w.client.send(
                        "GET",
                        "/api/v1/tickets/"
                            + random.damagedHeader(Array(number.utf8)).replacing(" ", with: "%20"),
                        headers: [bearer])
                ),
            ]
            for (what, reply) in replies {
                let place = Comment("seed \(seed) round \(round): \(what): \(reply?.status ?? 0)")
                // A line that the protocol itself forbids may be cut off without a word.
                guard let reply else {
                    #expect(["cookie", "query", "path", "multipart type"].contains(what), place)
                    continue
                }
                #expect((200..<500).contains(reply.status), place)
                #expect(reply.header("set-cookie")?.contains("evil") != true, place)
                #expect(reply.header("x-evil") == nil, place)
            }
        }
        #expect(try await me.get("/me").status == 200)
        #expect(try await w.history() == [])
        try await w.house.close()
    }
}
