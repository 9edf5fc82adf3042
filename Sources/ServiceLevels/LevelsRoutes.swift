import Base
import Store
import Web

extension ServiceLevels {
    /// Calendars, holiday sets, priority schemes and policies, as pages and API.
    public static func routes(_ routes: inout Routes) {
        api(LevelsJSON.CalendarItem.self, "calendar", &routes)
        api(LevelsJSON.HolidayItem.self, "holiday set", &routes)
        api(LevelsJSON.SchemeItem.self, "priority scheme", &routes)
        api(LevelsJSON.PolicyItem.self, "policy", &routes)
        routes.page("/admin/levels", roles: readers, LevelsPages.overview)
        routes.page("/admin/levels/trial", roles: readers, TrialPage.page)
        pages(CalendarForm.self, &routes)
        pages(HolidaySetForm.self, &routes)
        pages(SchemeForm.self, &routes)
        pages(PolicyForm.self, &routes)
        routes.form(
            "/admin/levels/policies/{id}/ending", roles: readers, again: LevelsPages.one(PolicyForm.self)
        ) { call, tx in
            let old = try item(.policy, call.parameter("id"), tx)
            try requireAdministrator(tx)
            try call.requireVersion(Int64(old.version))
            _ = try change(old, LevelDraft(content: old.content, isActive: !old.isActive), tx)
            return .redirect("/admin/levels/policies/\(old.id)?done=levels_saved")
        }
        upload(&routes)
    }

    /// The administrator's and the other readers' place.
    public static func navigation(for actor: Actor) -> [NavigationGroup] {
        guard actor.hasAny(readers) else { return [] }
        return [NavigationGroup("people.nav.house", [NavigationEntry("levels.nav", "/admin/levels", .clock)])]
    }

    // MARK: API

    private static func api<D: LevelDescribed>(_: D.Type, _ name: String, _ routes: inout Routes) {
        let kind = D.kind
        let shape = LevelsJSON.shape(D.self)
        routes.get(
            kind.path, roles: readers,
            .init("Each \(name) in its newest version", tag: "service levels", answer: .page(shape))
        ) { _, tx in Reply.json(Page(items: try tx.levelItems(kind), nextCursor: nil).json(shape)) }
        routes.get(
            kind.path + "/{id}", roles: readers,
            .init("A \(name) in its newest version", tag: "service levels", answer: .one(shape))
        ) { call, tx in
            let item = try item(kind, call.parameter("id"), tx)
            return Reply.json(shape.json(item)).tagged(Int64(item.version))
        }
        routes.get(
            kind.path + "/{id}/versions", roles: readers,
            .init("All versions of a \(name), newest first", tag: "service levels", answer: .page(shape))
        ) { call, tx in
            let all = try tx.levelItems(kind, id: call.parameter("id"))
            guard !all.isEmpty else { throw Failure.notFound() }
            return Reply.json(Page(items: all, nextCursor: nil).json(shape))
        }
        routes.change(
            "POST", kind.path, roles: readers,
            .init(
                "Make a \(name)", tag: "service levels", body: LevelsJSON.Input<D>.self, answer: .one(shape),
                status: 201)
        ) { call, tx in
            try requireAdministrator(tx)
            let input = try call.input(LevelsJSON.Input<D>.self)
            let made = try inContent { try make(kind, input.id, input.draft, tx) }
            return Reply.created(shape.json(made), at: "/api/v1\(kind.path)/\(made.id)").tagged(1)
        }
        var doc = Route.Doc(
            "Add a version of a \(name)", tag: "service levels", body: LevelsJSON.Change<D>.self,
            answer: .one(shape))
        doc.needsMatch = true
        routes.change("PUT", kind.path + "/{id}", roles: readers, doc) { call, tx in
            let old = try item(kind, call.parameter("id"), tx)
            try requireAdministrator(tx)
            try call.requireVersion(Int64(old.version))
            let input = try call.input(LevelsJSON.Change<D>.self)
            let new = try inContent { try change(old, input.draft, tx) }
            return Reply.json(shape.json(new)).tagged(Int64(new.version))
        }
    }

    /// Fields of the content are named with their place in the body.
    private static func inContent<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch var failure as Failure where !failure.fields.isEmpty {
            failure.fields = failure.fields.map { f in
                var f = f
                if f.field != "id", f.field != "is_active" {
                    f.field = f.field.isEmpty ? "content" : "content." + f.field
                }
                return f
            }
            throw failure
        }
    }

    // MARK: Pages

    private static func pages<F: LevelForm>(_ form: F.Type, _ routes: inout Routes) {
        let kind = F.kind
        let new = LevelsPages.new(form)
        let one = LevelsPages.one(form)
        routes.page(kind.path + "/new", roles: Roles(.administrator), new)
        routes.form(kind.path, roles: readers, again: new) { call, tx in
            try requireAdministrator(tx)
            let input = try call.input(F.self)
            // The form asks for more of itself: another row, another table.
            if input.isDraft { return try new(call, tx) }
            guard let id = input.id else { throw Failure.invalid("id", "field.required") }
            let made = try make(kind, id, try input.draft(before: nil, call), tx)
            return .redirect("\(kind.path)/\(made.id)?done=levels_saved")
        }
        routes.page(kind.path + "/{id}", roles: readers, one)
        routes.form(kind.path + "/{id}", roles: readers, again: one) { call, tx in
            let old = try item(kind, call.parameter("id"), tx)
            try requireAdministrator(tx)
            let input = try call.input(F.self)
            if input.isDraft { return try one(call, tx) }
            try call.requireVersion(Int64(old.version))
            _ = try change(old, try input.draft(before: old, call), tx)
            return .redirect("\(kind.path)/\(old.id)?done=levels_saved")
        }
    }

    /// A file of holidays: the body is read piece by piece, the form's secret before the file.
    private static func upload(_ routes: inout Routes) {
        routes.free(
            "POST", "/admin/levels/holiday-sets/{id}/file", surface: .page, maxBody: 2 << 20,
            takesFiles: true, again: LevelsPages.one(HolidaySetForm.self)
        ) { call, kit, body in
            let actor = try call.actor()
            // Rights first: a file is read only for whoever may put it in.
            try await kit.store.read(by: actor) { tx in
                _ = try item(.holidaySet, call.parameter("id"), tx)
                try requireAdministrator(tx)
            }
            let boundary = try Multipart.boundary(contentType: call.headers["content-type"] ?? "")
            var parser = Multipart(boundary: boundary)
            var bytes: [UInt8] = []
            var secret: [UInt8] = []
            var part = ""
            func take(_ events: [Multipart.Event]) {
                for event in events {
                    switch event {
                    case .part(let header): part = header.name
                    case .data(let data) where part == "file": bytes += data
                    case .data(let data) where part == "_form": secret += data
                    default: break
                    }
                }
            }
            while let piece = try await body.next() { take(try parser.feed(piece)) }
            try parser.finish()
            try call.requireSecret(String(decoding: secret, as: UTF8.self))
            guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
                throw Failure.invalid("file", "levels.file_unreadable")
            }
            try await kit.store.write(by: actor) { tx in
                let old = try item(.holidaySet, call.parameter("id"), tx)
                try requireAdministrator(tx)
                guard call.queryValue("version") == String(old.version) else {
                    throw Failure(.preconditionFailed, "precondition.failed")
                }
                var set = try HolidaySet(json: old.content)
                // A byte order mark is no part of the first line.
                let plain = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
                _ = try HolidayImport.take(plain, into: &set, field: "file")
                _ = try change(old, LevelDraft(content: set.json), tx)
            }
            return .redirect("/admin/levels/holiday-sets/\(call.parameter("id"))?done=levels_saved")
        }
    }
}
