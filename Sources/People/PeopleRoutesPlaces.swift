import Base
import Store
import Web

extension People {
    // MARK: Organisations

    static func organizationRoutes(_ routes: inout Routes) {
        routes.get(
            "/admin/organizations", roles: readers,
            .init(
                "Organisations and units", tag: "admin", query: PlaceQuery.self,
                answer: .page(PeopleJSON.organization))
        ) { call, tx in
            let kind = try call.filter(PlaceQuery.self).kind
            let page = try organizationPage(kind.map { [$0] } ?? Organization.Kind.allCases, call, tx)
            return Reply.json(page.json(PeopleJSON.organization))
        }
        routes.get(
            "/admin/organizations/{id}", roles: readers,
            .init("An organisation", tag: "admin", answer: .one(PeopleJSON.organization))
        ) { call, tx in
            let organization = try organization(of: call, tx)
            return Reply.json(PeopleJSON.organization.json(organization)).tagged(organization.version)
        }
        routes.step(
            "/admin/organizations", roles: readers,
            .init(
                "Make a unit, customer or supplier", tag: "admin", body: NewOrganization.self,
                answer: .one(PeopleJSON.organization), status: 201), again: OrganizationPages.new
        ) { call, tx in
            try requireAdministrator(tx)
            let new = try add(call.input(NewOrganization.self), tx)
            let path = "/admin/organizations/" + new.id.text
            return call.respond(
                made: path, page: path + "?done=saved", json: PeopleJSON.organization.json(new),
                version: new.version)
        }
        var doc = Route.Doc(
            "Change an organisation", tag: "admin", body: EditOrganization.self,
            answer: .one(PeopleJSON.organization))
        doc.needsMatch = true
        let change: @Sendable (Call, Transaction) throws -> Reply = { call, tx in
            let old = try organization(of: call, tx)
            try requireAdministrator(tx)
            try call.requireVersion(old.version)
            let new = try self.change(old, call.input(EditOrganization.self), tx)
            return call.respond(
                page: "/admin/organizations/\(new.id.text)?done=saved",
                json: PeopleJSON.organization.json(new), version: new.version)
        }
        routes.change("PATCH", "/admin/organizations/{id}", roles: readers, doc, change)
        routes.form("/admin/organizations/{id}", roles: readers, again: OrganizationPages.one, change)
        routes.page("/admin/units", roles: readers, OrganizationPages.units)
        routes.page("/admin/customers", roles: readers) { try OrganizationPages.list(.customer, $0, $1) }
        routes.page("/admin/suppliers", roles: readers) { try OrganizationPages.list(.supplier, $0, $1) }
        routes.page("/admin/organizations/new", roles: Roles(.administrator), OrganizationPages.new)
        routes.page("/admin/organizations/{id}", roles: readers, OrganizationPages.one)
    }

    static func organization(of call: Call, _ tx: Transaction) throws -> Organization {
        guard let organization = try tx.organization(call.id()) else { throw Failure.notFound() }
        return organization
    }

    static func organizationPage(_ kinds: [Organization.Kind], _ call: Call, _ tx: Transaction) throws
        -> Page<Organization>
    {
        let query = try call.filter(PlaceQuery.self)
        let words = Likes.words(query.q)
        let list = Listing("organizations", query.paging, narrowedBy: kinds.map(\.rawValue) + words, call)
        let after = try list.after(2).map { ($0[0], $0[1]) }
        return list.page(
            try tx.organizations(kinds: kinds, words: words, after: after, limit: list.asked)
        ) { [$0.name, $0.id.text] }
    }

    // MARK: Projects and sites

    static func projectRoutes(_ routes: inout Routes) {
        routes.get(
            "/admin/projects", roles: readers,
            .init("Projects", tag: "admin", query: PlaceQuery.self, answer: .page(PeopleJSON.project))
        ) { call, tx in
            let page = try projectPage(call, tx)
            let sites = Dictionary(grouping: try tx.sites(of: page.items.map(\.id)), by: \.project)
            let whole = page.items.map {
                PeopleJSON.WholeProject(project: $0, sites: sites[$0.id] ?? [], contacts: [])
            }
            return Reply.json(Page(items: whole, nextCursor: page.nextCursor).json(PeopleJSON.project))
        }
        routes.get(
            "/admin/projects/{id}", roles: readers,
            .init("A project with sites and contacts", tag: "admin", answer: .one(PeopleJSON.project))
        ) { call, tx in
            let project = try project(of: call, tx)
            return try Reply.json(json(project, tx)).tagged(project.version)
        }
        routes.step(
            "/admin/projects", roles: readers,
            .init(
                "Make a project", tag: "admin", body: NewProject.self, answer: .one(PeopleJSON.project),
                status: 201), again: ProjectPages.new
        ) { call, tx in
            try requireAdministrator(tx)
            let new = try add(call.input(NewProject.self), tx)
            let path = "/admin/projects/" + new.id.text
            return try call.respond(
                made: path, page: path + "?done=saved", json: json(new, tx), version: new.version)
        }
        var doc = Route.Doc(
            "Change a project", tag: "admin", body: EditProject.self, answer: .one(PeopleJSON.project))
        doc.needsMatch = true
        let change: @Sendable (Call, Transaction) throws -> Reply = { call, tx in
            let old = try project(of: call, tx)
            try requireAdministrator(tx)
            try call.requireVersion(old.version)
            let new = try self.change(old, call.input(EditProject.self), tx)
            return try call.respond(
                page: "/admin/projects/\(new.id.text)?done=saved", json: json(new, tx), version: new.version)
        }
        routes.change("PATCH", "/admin/projects/{id}", roles: readers, doc, change)
        routes.form("/admin/projects/{id}", roles: readers, again: ProjectPages.one, change)
        routes.page("/admin/projects", roles: readers, ProjectPages.list)
        routes.page("/admin/projects/new", roles: Roles(.administrator), ProjectPages.new)
        routes.page("/admin/projects/{id}", roles: readers, ProjectPages.one)
        routes.step(
            "/admin/projects/{id}/contacts", roles: readers,
            .init(
                "Name contact person, deputy and leads", tag: "admin", body: NewContact.self,
                answer: .one(PeopleJSON.project), status: 201), again: ProjectPages.one
        ) { call, tx in
            let project = try project(of: call, tx)
            try requireAdministrator(tx)
            try name(call.input(NewContact.self), of: project, tx)
            let path = "/admin/projects/" + project.id.text
            return try call.respond(made: path, page: path + "?done=saved", json: json(project, tx))
        }
        siteRoutes(&routes)
    }

    private static func siteRoutes(_ routes: inout Routes) {
        routes.step(
            "/admin/projects/{id}/sites", roles: readers,
            .init(
                "Add a site", tag: "admin", body: NewSite.self, answer: .one(PeopleJSON.site), status: 201),
            again: ProjectPages.newSite
        ) { call, tx in
            let project = try project(of: call, tx)
            try requireAdministrator(tx)
            let site = try add(call.input(NewSite.self), to: project, tx)
            return call.respond(
                made: "/admin/sites/" + site.id.text, page: "/admin/projects/\(project.id.text)?done=saved",
                json: PeopleJSON.site.json(site), version: site.version)
        }
        routes.get(
            "/admin/sites/{id}", roles: readers,
            .init("A site", tag: "admin", answer: .one(PeopleJSON.site))
        ) { call, tx in
            let site = try site(of: call, tx)
            return Reply.json(PeopleJSON.site.json(site)).tagged(site.version)
        }
        var doc = Route.Doc(
            "Change a site", tag: "admin", body: EditSite.self, answer: .one(PeopleJSON.site))
        doc.needsMatch = true
        let change: @Sendable (Call, Transaction) throws -> Reply = { call, tx in
            let old = try site(of: call, tx)
            try requireAdministrator(tx)
            try call.requireVersion(old.version)
            let new = try self.change(old, call.input(EditSite.self), tx)
            return call.respond(
                page: "/admin/sites/\(new.id.text)?done=saved", json: PeopleJSON.site.json(new),
                version: new.version)
        }
        routes.change("PATCH", "/admin/sites/{id}", roles: readers, doc, change)
        routes.form("/admin/sites/{id}", roles: readers, again: ProjectPages.site, change)
        routes.page("/admin/sites/{id}", roles: readers, ProjectPages.site)
        routes.page("/admin/projects/{id}/sites/new", roles: Roles(.administrator), ProjectPages.newSite)
    }

    static func project(of call: Call, _ tx: Transaction) throws -> Project {
        guard let project = try tx.project(call.id()) else { throw Failure.notFound() }
        return project
    }

    static func site(of call: Call, _ tx: Transaction) throws -> Site {
        guard let site = try tx.site(call.id()) else { throw Failure.notFound() }
        return site
    }

    static func json(_ project: Project, _ tx: Transaction) throws -> JSON {
        PeopleJSON.project.json(
            .init(
                project: project, sites: try tx.sites(of: [project.id]),
                contacts: try tx.contacts(of: project.id)))
    }

    static func projectPage(_ call: Call, _ tx: Transaction) throws -> Page<Project> {
        let query = try call.filter(PlaceQuery.self)
        let words = Likes.words(query.q)
        let list = Listing("projects", query.paging, narrowedBy: words, call)
        return list.page(try tx.projects(words: words, after: list.after(1)?[0], limit: list.asked)) {
            [$0.code]
        }
    }
}
