import Base
import Store
import Web

/// What an administrator of an empty house does first, in order. It goes as soon as all is there.
enum FirstSteps {
    private static let steps: [(key: String, path: String)] = [
        ("customer", "/admin/organizations/new?kind=customer"), ("project", "/admin/projects/new"),
        ("site", "/admin/projects"), ("person", "/admin/accounts/new"),
        ("customer_person", "/admin/accounts/new"),
    ]

    static func card(_ call: Call, _ tx: Transaction) throws -> HTML {
        guard Parts.mayWrite(call) else { return "" }
        let done = try tx.firstSteps()
        guard let next = steps.first(where: { !done.contains($0.key) })?.key else { return "" }
        return Parts.panel(
            call.t("people.first"),
            """
            <p class="muted">\(call.t("people.first.hint"))</p><ol class="first-steps">\(steps.enumerated().html { i, step in
                let (key, path) = step
                let isDone = done.contains(key)
                let name = call.t("people.first.\(key)")
                return """
                    <li>\(isDone ? Icon.checkCircle.html : "<span class=\"muted num\" aria-hidden=\"true\">\(String(i + 1))</span>" as HTML)<span>\(isDone ? "<s>\(name)</s>" : key == next ? "<a class=\"btn btn-primary btn-s\" href=\"\(path)\">\(name)</a>" : "<a href=\"\(path)\">\(name)</a>" as HTML)\
                    \(HTML.when(isDone, "<span class=\"vh\">\(call.t("people.first.done"))</span>"))</span></li>
                    """
            })<li>\(Icon.ticket)<span>\(call.t("people.first.ticket"))</span></li></ol>
            """, id: "first-steps")
    }
}

extension Transaction {
    /// The first steps that are done.
    fileprivate func firstSteps() throws -> Set<String> {
        let found: [(String, SQL)] = [
            ("customer", "select 1 from organization where kind = 'customer'"),
            ("project", "select 1 from project"), ("site", "select 1 from site"),
            ("person", "select 1 from post where role = 'service_manager'"),
            ("customer_person", "select 1 from post where role = 'customer'"),
        ]
        return try Set(found.filter { try int("select exists(\($0.1))") == 1 }.map(\.0))
    }
}
