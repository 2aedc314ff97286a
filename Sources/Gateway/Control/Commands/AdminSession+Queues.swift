internal import Customers
internal import CustomersRedis

extension AdminSession {
    /// Who waits, where and since when, the next one first.
    ///
    /// - Parameters:
    ///   - tenant: an id or a name; nil for all.
    ///   - limit: how many of each queue at most, 1 to 1,000.
    /// - Returns: the report.
    /// - Throws: ``AdminError`` with what to do.
    public func queues(tenant: String?, limit: Int) throws(AdminError) -> Report {
        guard (1...1_000).contains(limit) else { throw AdminError(.usage, "the limit is 1 to 1000") }
        return try onLoop { bench in
            var views: [QueueView] = []
            for tenant in try bench.tenants(tenant) {
                for department in tenant.departments + [tenant.everyone] {
                    let length = try await bench.inspection.queueLength(department.id, tenant: tenant.id)
                    if department.id == .zero, length == 0 { continue }
                    var view = QueueView(
                        tenant: tenant.id.text, tenantName: tenant.name, department: department.id.text,
                        departmentName: department.id == .zero ? "(everyone)" : department.name, length: length)
                    for room in try await bench.inspection.waitingRooms(department.id, tenant: tenant.id, limit: limit)
                    {
                        let session = try await bench.worker.services.rooms.find(room.rid, tenant: tenant.id)?.session
                        view.waiting.append(
                            QueueView.Room(rid: room.rid, since: room.since, name: session?.groupName ?? ""))
                    }
                    views.append(view)
                }
            }
            return QueueView.report(views)
        }
    }
}

/// A queue for people and programs.
private struct QueueView: Encodable {
    struct Room: Encodable {
        var rid: String
        var since: Int64
        var name: String
    }

    var tenant: String
    var tenantName: String
    var department: String
    var departmentName: String
    var length: Int
    var waiting: [Room] = []

    static func report(_ views: [QueueView]) -> Report {
        let now = WallClock.milliseconds()
        var lengths = TextTable("tenant", "department", "waiting")
        var rooms = TextTable("tenant", "department", "place", "waits for", "room", "name")
        for view in views {
            lengths.add(view.tenantName, view.departmentName, String(view.length))
            for (place, room) in view.waiting.enumerated() {
                rooms.add(
                    view.tenantName, view.departmentName, String(place + 1),
                    TimeText.age(milliseconds: room.since, now: now),
                    room.rid, room.name)
            }
        }
        let text = lengths.text(ifEmpty: "no tenant has a department")
        return Report(rooms.isEmpty ? text + "\n\nnobody waits" : text + "\n\n" + rooms.text(ifEmpty: ""), views)
    }
}
