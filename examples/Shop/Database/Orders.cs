using System.Data.Common;

namespace Shop;

/// <summary>Orders and those who placed them.</summary>
internal sealed class Orders(DbDataSource database)
{
    /// <returns>False where fewer are in stock.</returns>
    public async Task<bool> PlaceAsync(long customer, string sku, int quantity, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.AddParameter("customer", customer).AddParameter("sku", sku).AddParameter("quantity", quantity)
            .AddParameter("now", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        command.CommandText = "UPDATE products SET stock = stock - @quantity WHERE sku = @sku AND stock >= @quantity";
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
            return false;
        command.CommandText = "INSERT INTO order_lines (customer_id, sku, quantity, ordered_at) VALUES (@customer, @sku, @quantity, @now)";
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>The last a customer placed, latest first.</summary>
    public async Task<IReadOnlyList<OrderLine>> LastAsync(long customer, int count, CancellationToken cancellationToken)
    {
        const string Sql = """
            SELECT customer_id, sku, quantity, ordered_at FROM order_lines WHERE customer_id = @customer
            ORDER BY ordered_at DESC LIMIT @count
            """;
        await using var command = database.CreateCommand(Sql).AddParameter("customer", customer).AddParameter("count", count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<OrderLine>();
        while (await reader.ReadAsync(cancellationToken))
            lines.Add(new(reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt64(3)));
        return lines;
    }

    /// <summary>The first customers by id, and how many order lines each has: to look through the eyes of one.</summary>
    public async Task<IReadOnlyList<(long Id, string Name, long Lines)>> CustomersAsync(int count, CancellationToken cancellationToken)
    {
        const string Sql = """
            SELECT c.id, c.name, (SELECT COUNT(*) FROM order_lines o WHERE o.customer_id = c.id) FROM customers c
            ORDER BY c.id LIMIT @count
            """;
        await using var command = database.CreateCommand(Sql).AddParameter("count", count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var customers = new List<(long, string, long)>();
        while (await reader.ReadAsync(cancellationToken))
            customers.Add((reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2)));
        return customers;
    }

    public async Task<string?> NameAsync(long customer, CancellationToken cancellationToken)
    {
        const string Sql = "SELECT name FROM customers WHERE id = @customer";
        await using var command = database.CreateCommand(Sql).AddParameter("customer", customer);
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
