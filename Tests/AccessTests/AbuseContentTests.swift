import Base
import Foundation
import Store
import TestKit
import Testing

/// Items 19–30 of the abuse list: what comes in as text or file.
@Suite struct AbuseContentTests {
    static let script = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"

    private func raw(
        _ w: Workshop, _ body: [UInt8], type: String = "application/json", path: String = "/tickets"
    )
        async throws -> HTTPClient.Response
    {
        try await w.client.send(
            "POST", "/api/v1" + path,
            headers: [
                ("Authorization", "Bearer \(w.tokens["customer"] ?? "")"), ("Content-Type", type),
                ("Accept-Language", "en"),
            ], body: body)
    }

    /// Escaped wherever a page shows it, and no script of a page's own is allowed to run inline.
    @Test func abuse19StoredScript() async throws {
        let s = try await Scene.open()
        let w = s.w
        let admin = w.api("administrator")
        let organization = try await admin.post(
            "/admin/organizations", ["name": .string(Self.script), "kind": "customer"])
        #expect(organization.status == 201, "\(organization.text)")
        let account = try await admin.post(
            "/admin/accounts",
            [
                "login": "mallory", "name": .string(Self.script),
                "organization_id": organization.json["id"] ?? .null,
            ])
        #expect(account.status == 201, "\(account.text)")
        let (number, _) = try await w.enter(title: Self.script, serial: "<b>S</b>")
        try await w.take("customer", number, "responses", ["body": .string(Self.script)], expect: 201)
        let file = try await w.upload("customer", number, "<img src=x onerror=alert(3)>.png", Sample.png)
        #expect(file.status == 201)
        let pages: [(String, [String])] = [
            (
                "administrator",
                [
                    "/admin/accounts", "/admin/customers",
                    "/admin/accounts/\(account.json["id"]?.string ?? "")",
                    "/admin/organizations/\(organization.json["id"]?.string ?? "")",
                    "/admin/accounts?q=%3Cscript%3Ealert(1)%3C/script%3E",
                ]
            ),
            (
                "service_manager",
                [
                    "/", "/tickets", "/queue", "/tickets/\(number)", "/search?q=%3Cscript%3E", "/notices",
                    "/no/such/%3Cscript%3Ealert(1)%3C/script%3E",
                ]
            ),
            ("customer", ["/", "/tickets/\(number)", "/me"]),
        ]
        for (who, paths) in pages {
            for path in paths {
                let page = try await w.page(who, "GET", path)
                #expect(page.status < 500, "\(path)")
                #expect(!page.text.contains("<script>alert"), "\(path)")
                #expect(!page.text.contains("<img src=x"), "\(path)")
                let policy = page.header("Content-Security-Policy") ?? ""
                #expect(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "\(path)")
            }
        }
        try await s.close()
    }

    /// 20, 29, 30: what a file is, its first bytes say; what can carry script is only downloaded; nothing
    /// is decoded.
    @Test(arguments: [
        ("evil.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
        ("evil.html", "text/html", "<!doctype html><script>1</script>"),
        ("evil.png", "image/png", "MZ\u{1}this is a program"),
        ("evil.xhtml", "application/xhtml+xml", "<?xml?>"),
        ("evil.pdf", "image/gif", "<html>"),
    ])
    func abuse20And29ActiveFiles(_ file: (name: String, type: String, content: String)) async throws {
        let s = try await Scene.open()
        let made = try await s.w.upload(
            "customer", s.worked, file.name, Array(file.content.utf8), type: file.type)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.json["type"]?.string == "application/octet-stream")
        let id = made.json["id"]?.string ?? ""
        for path in ["/api/v1/attachments/\(id)", "/attachments/\(id)", "/attachments/\(id)?show=1"] {
            let reply = try await s.w.client.send(
                "GET", path, headers: [("Authorization", "Bearer \(s.w.tokens["engineer"] ?? "")")])
            #expect(reply.status == 200)
            #expect(reply.header("Content-Disposition")?.hasPrefix("attachment;") == true, "\(path)")
            #expect(reply.header("Content-Security-Policy")?.contains("sandbox") == true)
            #expect(reply.header("X-Content-Type-Options") == "nosniff")
            #expect(reply.header("Content-Type") == "application/octet-stream")
            #expect(reply.body == Array(file.content.utf8))
        }
        try await s.close()
    }

    @Test func abuse30PixelFlood() async throws {
        let s = try await Scene.open()
        let reply = try await s.w.api("customer").get("/attachments/\(s.publicFile)")
        #expect(reply.body == Sample.png, "kept and given back as it came")
        #expect(reply.header("Content-Type") == "image/png")
        try await s.close()
    }

    @Test func abuse22SQLInSortFilterAndKeys() async throws {
        let s = try await Scene.open()
        let api = s.w.api("customer")
        let hostile = [
            "'", "\"", "' or '1'='1", "1;drop table ticket", "*", "\"a\" OR *", "NEAR(a b)", "a AND", "%",
            "_",
            "-", "(", "title:x", "{", "\\", "x' union select password_hash from account--",
        ]
        for text in hostile {
            let q = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            for path in [
                "/search?q=\(q)", "/tickets?q=\(q)", "/tickets?engineer=\(q)", "/tickets?serial=\(q)",
                "/tickets?project=\(q)",
            ] {
                let reply = try await api.get(path)
                #expect(reply.status == 200 || reply.status == 422, "\(path): \(reply.status)")
                #expect(!reply.text.contains("argon") && !reply.text.contains(s.foreign), "\(path)")
            }
            for path in [
                "/tickets?sort=\(q)", "/tickets?state=\(q)", "/tickets?category=\(q)", "/tickets?cursor=\(q)",
            ] {
                #expect(try await api.get(path).status == 422, "\(path)")
            }
            #expect(try await api.get("/tickets/\(q)").status == 404, "\(q)")
            let key = try await api.post("/tickets", .object([.init(text, "x")]))
            #expect(key.status == 422, "\(text)")
        }
        #expect(try await api.get("/tickets").json["items"]?.array?.count == 2, "all is still there")
        try await s.close()
    }

    @Test func abuse23And24Encodings() async throws {
        let w = try await Workshop.open()
        func body(_ title: [UInt8]) -> [UInt8] {
            Array("{\"title\":\"".utf8) + title
                + Array("\",\"description\":\"d\",\"category\":\"quality\"}".utf8)
        }
        let refused: [(String, [UInt8])] = [
            ("GBK 故障", [0xB9, 0xCA, 0xD5, 0xCF]), ("Big5 故障", [0xAC, 0x47, 0xBB, 0xD9]),
            ("overlong", [0xC0, 0xAF]), ("cut off", [0xE6, 0x95]),
            ("surrogate in UTF-8", [0xED, 0xA0, 0x80]),
            ("NUL", [0]), ("NUL escaped", Array("\\u0000".utf8)), ("lone surrogate", Array("a\\ud800b".utf8)),
            ("wrong order", Array("\\udc00\\ud800".utf8)), ("only invisible", Array("\\u200b\\u202e".utf8)),
        ]
        for (name, bytes) in refused {
            let reply = try await raw(w, body(bytes))
            #expect(reply.status == 400 || reply.status == 422, "\(name): \(reply.status)")
            #expect(reply.header("Content-Type") == "application/problem+json")
        }
        let hidden = try await raw(w, body(Array("pump\\u202egnp.exe\\u200b\\u0007 ok".utf8)))
        #expect(hidden.status == 201, "\(hidden.text)")
        #expect(
            hidden.json["title"]?.string == "pumpgnp.exe ok", "bidi override, zero width and bell are gone")
        let kept = try await raw(w, body(Array("𠮷野 e\\u0301 🔧 العربية".utf8)))
        #expect(kept.json["title"]?.string == "𠮷野 \u{E9} 🔧 العربية", "what people write stays")
        let form = try await w.page("customer", "POST", "/me", form: "phone=%C4%E3%BA%C3")
        #expect(form.status == 400 || form.status == 422)
        #expect(try await w.api("customer").get("/tickets?q=%C4%E3").status == 400)
        #expect(try await w.api("customer").get("/tickets/%C4%E3").status < 500)
        #expect(try await w.api("customer").get("/tickets/a%00b").status < 500)
        let file = try await w.client.send(
            "POST", "/api/v1/tickets/none/attachments",
            headers: [
                ("Authorization", "Bearer \(w.tokens["customer"] ?? "")"),
                ("Content-Type", "multipart/form-data; boundary="),
            ], body: [1, 2, 3])
        #expect(file.status == 404)
        try await w.house.close()
    }

    @Test func abuse25SizesDepthsAndDuplicates() async throws {
        let w = try await Workshop.open()
        let title = [UInt8](repeating: 0x61, count: 10_000_000)
        let big = try await raw(w, Array("{\"title\":\"".utf8) + title + Array("\"}".utf8))
        #expect(big.status == 413)
        #expect(big.code == "body.too_large")
        let long = try await raw(
            w, Array("{\"title\":\"\(String(repeating: "长", count: 201))\",\"description\":\"d\"}".utf8))
        #expect(long.status == 422)
        let deep = try await raw(w, [UInt8](repeating: 0x5B, count: 10_000))
        #expect(deep.status == 400)
        #expect(deep.code == "json.depth")
        let double = try await raw(w, Array("{\"title\":\"a\",\"title\":\"b\"}".utf8))
        #expect(double.status == 400)
        #expect(double.code == "json.duplicate_key")
        for number in ["1e309", "NaN", "-", "01", "0x1", "99999999999999999999999"] {
            let reply = try await raw(w, Array("{\"title\":\"t\",\"quantity\":\(number)}".utf8))
            #expect(reply.status == 400 || reply.status == 422, "\(number)")
        }
        for body in ["[]", "\"x\"", "1", "null", "{", "{}x", "\u{FEFF}{}"] {
            let reply = try await raw(w, Array(body.utf8))
            #expect(reply.status == 400 || reply.status == 422, "\(body): \(reply.status)")
        }
        try await w.house.close()
    }

    @Test func abuse28PathTraversalInNames() async throws {
        let s = try await Scene.open()
        let names = [
            ("../../etc/passwd", "passwd"), ("..\\\\..\\\\boot.ini", "boot.ini"),
            ("/absolute/x.txt", "x.txt"),
            ("C:\\\\temp\\\\a.txt", "a.txt"),
        ]
        for (given, kept) in names {
            let made = try await s.w.upload("customer", s.worked, given, [65])
            #expect(made.json["name"]?.string == kept, "\(given)")
        }
        let odd = try await s.w.upload("customer", s.worked, "a%0D%0ASet-Cookie: x=1\u{202E}gpj.exe", [65])
        #expect(odd.status == 201)
        let reply = try await s.w.api("customer").get("/attachments/\(odd.json["id"]?.string ?? "")")
        #expect(reply.header("Set-Cookie") == nil)
        #expect(odd.json["name"]?.string?.unicodeScalars.contains("\u{202E}") == false)
        for path in [
            "/static/x/../../etc/passwd", "/static/x/..%2f..%2fetc%2fpasswd", "/static/%2e%2e/passwd",
            "/api/v1/tickets/..%2f..%2fme", "/api/v1/attachments/..%2f..%2f..%2fetc%2fpasswd", "//etc/passwd",
            "/..", "/%", "/%zz", "/" + String(repeating: "a/", count: 2000),
        ] {
            let reply = try await s.w.client.send(
                "GET", path, headers: [("Authorization", "Bearer \(s.w.tokens["customer"] ?? "")")])
            #expect([400, 404].contains(reply.status), "\(path.prefix(40)): \(reply.status)")
        }
        try await s.close()
    }
}
