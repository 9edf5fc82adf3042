import Base
import Foundation
import Store
import TestKit
import Testing

@testable import fettle

/// Items 19, 21 and 56 of the abuse list: what people write stays text on every page, whatever it looks
/// like.
@Suite struct AbuseMarkupTests {
    static let hostile = [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "vbscript:msgbox(1)",
        "data:text/html,<script>alert(1)</script>", "[x](javascript:alert(1))",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)", "<a href=javascript:alert(1)>x</a>",
        "https://ok.example/\" onmouseover=\"alert(1)", "http://ok.example/'><script>alert(1)</script>",
        "&#106;avascript:alert(1)", "https://javascript:alert(1)@ok.example/", "<svg/onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'>", "</textarea><script>alert(1)</script>",
        "</title><base href=//evil.example>", "<!--<script>", "]]><script>alert(1)</script>",
    ]

    /// Goes through the tags of a page: none has come from content.
    static func check(_ page: HTTPClient.Response, _ asked: String) {
        #expect(page.status < 500, "\(asked): \(page.status)")
        let text = page.text
        // Text is escaped, so that every `<` begins a tag of our own and no `>` stands inside one.
        for tag in text.matches(of: /<([a-zA-Z][a-zA-Z0-9]*)([^>]*)>/) {
            let name = tag.1.lowercased()
            #expect(
                !["iframe", "object", "embed", "base", "foreignobject"].contains(name), "\(asked): \(tag.0)")
            if name == "script" {
                #expect(tag.2.contains(" src=\"/static/"), "\(asked): a script of its own: \(tag.0)")
            }
            for attribute in tag.2.matches(of: /([a-zA-Z-]+)="([^"]*)"/) {
                let key = attribute.1.lowercased()
                #expect(!key.hasPrefix("on") && key != "srcdoc", "\(asked): \(tag.0)")
                guard ["href", "src", "action", "formaction", "data-href", "poster"].contains(key) else {
                    continue
                }
                let value = attribute.2.lowercased()
                let isOurs =
                    (value.hasPrefix("/") && !value.hasPrefix("//") && !value.hasPrefix("/\\"))
                    || value.isEmpty || value.hasPrefix("#") || value.hasPrefix("?")
                    || value.hasPrefix("tel:") || value.hasPrefix("mailto:")
                let isLink = key == "href" && (value.hasPrefix("http://") || value.hasPrefix("https://"))
                #expect(isOurs || isLink, "\(asked): \(tag.0)")
                if isLink { #expect(tag.2.contains("noopener"), "\(asked): \(tag.0)") }
            }
        }
        #expect(!text.contains("<script>"), "\(asked)")
    }

    /// 21 and 19: everything that somebody can write down, shown on every page that shows it.
    @Test func abuse21NothingWrittenBecomesLinkOrScript() async throws {
        let w = try await Workshop.open()
        let all = Self.hostile.joined(separator: "\n")
        let admin = w.api("administrator")
        for (path, name) in [
            ("/admin/organizations", "rift"), ("/admin/projects", "project"), ("/admin/sites", "site"),
            ("/admin/accounts", "customer"), ("/admin/accounts", "engineer"),
        ] {
            let hostile = JSON.string(Self.hostile[name.count])
            let body: JSON =
                path == "/admin/accounts"
                ? ["name": hostile, "phone": "javascript:alert(1)", "place": hostile]
                : ["name": hostile]
            let changed = try await admin.send(
                "PATCH", "\(path)/\(w.id(name))", body, headers: [("If-Match", "\"1\"")])
            #expect(changed.status == 200, "\(path): \(changed.text)")
        }
        var numbers: [String] = []
        for (i, text) in Self.hostile.enumerated() {
            var body = (w.report(text, serial: "S-\(i)").members ?? []).filter {
                !["description", "model", "product", "failure_mode"].contains($0.name)
            }
            body += [
                .init("description", .string(all)), .init("environment", .string(all)),
                .init("model", .string(text)), .init("product", .string(text)),
                .init("failure_mode", .string(text)), .init("batch", .string(text)),
                .init("found_place", .string(text)), .init("outline", .string(all)),
                .init("operating_hours", .string(String(text.prefix(40)))),
            ]
            let made = try await w.api("customer").post("/tickets", .object(body))
            #expect(made.status == 201, "\(text): \(made.text)")
            numbers.append(made.json["number"]?.string ?? "")
        }
        let number = numbers[0]
        try await w.bringToWork(number)
        let said = JSON.string(all)
        try await w.take("engineer", number, "responses", ["body": said], expect: 201)
        try await w.take("engineer", number, "notes", ["body": said], expect: 201)
        try await w.take("engineer", number, "pause", ["question": said])
        try await w.take("customer", number, "responses", ["body": said], expect: 201)
        _ = try await w.upload("customer", number, "javascript:alert(1).html", Array(all.utf8))
        try await w.take("technical_lead", number, "cause", ["statement": said])
        for (who, owner) in [("engineer", "engineer2"), ("service_manager", "supplier")] {
            try await w.take(
                who, number, "tasks",
                [
                    "kind": "people", "title": .string(Self.hostile[8]), "owner_id": .string(w.id(owner)),
                ], expect: 201)
        }
        try await w.put(
            "engineer", number, "next-action",
            [
                "at": .of(House.morning + .hours(5)), "owner_id": .string(w.id("engineer")),
                "text": .string(Self.hostile[7]),
            ])
        let visit: JSON = [
            "engineer_id": .string(w.id("engineer")), "start_at": .of(House.morning + .hours(1)),
            "end_at": .of(House.morning + .hours(2)),
        ]
        try await w.take("engineer", number, "visits", visit, expect: 201)
        try await w.take("engineer", number, "solution", ["statement": said])
        _ = try await w.api("customer").post("/feedback", ["kind": "complaint", "text": said])
        for text in Self.hostile {
            let form = "page=tickets&name=\(FormBody.encode(text))&query=\(FormBody.encode("q=" + text))"
            _ = try await w.page("engineer", "POST", "/views", form: form)
        }
        var paths = RouteTable.lines.filter { $0.method == "GET" && !$0.isAPI && !$0.isStream }.map { line in
            Scene(w: w, worked: number).fill(line)
        }
        paths += ["/tickets/\(number)?show=public", "/work?peek=\(number)", "/triage?peek=\(numbers[3])"]
        for text in Self.hostile {
            let typed = FormBody.encode(text)
            paths += [
                "/search?q=\(typed)", "/tickets?q=\(typed)&serial=\(typed)&project=\(typed)&more=1",
                "/tickets/new?title=\(typed)&serial=\(typed)&found_at=\(typed)", "/sign-in?next=\(typed)",
                "/tickets/\(number)?do=\(typed)", "/admin/accounts?q=\(typed)&role=\(typed)",
                "/\(typed.replacing("+", with: "%20"))",
            ]
        }
        for who in ["customer", "service_manager", "engineer", "management", "supplier", "administrator"] {
            for path in Set(paths).sorted() where !path.hasSuffix(".csv") {
                Self.check(try await w.page(who, "GET", path), "\(who) \(path)")
            }
        }
        for number in numbers {
            Self.check(try await w.page("engineer", "GET", "/tickets/\(number)"), number)
            Self.check(try await w.page("engineer", "GET", "/tickets/\(number)/form"), number)
        }
        // The page did show all of it, as text; and what is an address is one.
        let page = try await w.page("engineer", "GET", "/tickets/\(number)").text
        #expect(page.contains("[x](javascript:alert(1))"))
        #expect(page.contains("&lt;svg/onload=alert(1)&gt;"))
        #expect(page.contains("<a href=\"https://ok.example/\" rel=\"noopener noreferrer nofollow\">"))
        try await w.house.close()
    }

    /// 56: braces, directives and names of sentences are text: neither our own sentences' places nor
    /// anybody's templates are filled from content.
    @Test func abuse56TemplateInjection() async throws {
        let w = try await Workshop.open()
        // The accounts of the workshop read Simplified Chinese; no page of theirs names these.
        let sentences = ["role.trainer", "error.disk_full"]
        let texts = [
            "{{1327*1327}}", "${1327*1327}", "#{1327*1327}", "<%= 1327*1327 %>", "{% 1327*1327 %}",
            "\\(1327*1327)", "%s%n%x %1$s", "{title} {name} {n} {q} {number}", "@role.trainer",
            "@error.disk_full", "\u{1}role.trainer", "\u{1}error.disk_full",
        ]
        for (i, text) in texts.enumerated() {
            let kept = text.replacing("\u{1}", with: "")
            let (number, _) = try await w.enter(title: text, serial: "T-\(i)")
            #expect(try await w.ticket("customer", number)["title"]?.string == kept)
            try await w.bringToWork(number, "P4")
            try await w.take("engineer", number, "pause", ["question": .string(text)])
            try await w.take("customer", number, "responses", ["body": .string(text)], expect: 201)
            let escaped = kept.replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            for (who, path) in [
                ("engineer", "/tickets/\(number)"), ("customer", "/tickets/\(number)"),
                ("engineer", "/tickets/\(number)/form"), ("service_manager", "/tickets"),
                ("customer", "/portal"), ("engineer", "/work"),
            ] {
                let page = try await w.page(who, "GET", path)
                #expect(page.status == 200, "\(path)")
                // The paper form has the description, not the title.
                let isShown = path.hasSuffix("/form") || page.text.contains(escaped)
                #expect(isShown, "\(path) shows \(kept)")
                #expect(!page.text.contains("1760929"), "\(path): \(text)")
                for key in sentences { #expect(!page.text.contains(said(key)), "\(path): \(text)") }
            }
            let typed = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            for path in [
                "/search?q=\(typed)", "/tickets?q=\(typed)", "/tickets?project=\(typed)",
                "/tickets?engineer=\(typed)", "/tickets?serial=\(typed)",
            ] {
                let page = try await w.page("service_manager", "GET", path)
                #expect(!page.text.contains("1760929"), "\(path)")
                for key in sentences { #expect(!page.text.contains(said(key)), "\(path)") }
            }
            // A name that the sentence of a refusal quotes.
            let login = try await w.client.send(
                "POST", "/sign-in", headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("login=\(typed)&password=x".utf8))
            for key in sentences { #expect(!login.text.contains(said(key)), "\(text)") }
        }
        let long = try await w.api("customer").post(
            "/tickets", ["title": .string("{max}" + String(repeating: "x", count: 300)), "description": "d"])
        #expect(long.status == 422)
        try await w.house.close()
    }
}
