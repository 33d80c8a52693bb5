namespace MLNetRecExt.Tool.Tests;

public sealed class InitTests : IDisposable
{
    private readonly ToolFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ratings.csv", "userId", "movieId", "rating", "timestamp", ",", true)]
    [InlineData("semicolons.csv", "customer", "product", "stars", "date", ";", true)]
    [InlineData("u.data", "0", "1", "2", "3", "\t", false)]
    public void Init_FileNobodyDescribed_WritesWhatStandsWhere(
        string file, string user, string item, string label, string time, string separator, bool header)
    {
        var output = _folder.RunWell("init", file);

        var data = ExperimentConfiguration.Load(_folder.PathOf("recommender.json")).Data;
        Assert.Equal(
            new DataConfiguration
            {
                File = file,
                User = user,
                Item = item,
                Label = label,
                Time = time,
                Separator = separator,
                HasHeader = header,
            },
            data);
        Assert.Contains($"{ToolFolder.Count:N0} interactions of 60 users and 60 items", output);
    }

    [Theory]
    [InlineData("Data Source=shop.db", "SELECT customer_id, sku, ordered_at FROM order_lines")]
    [InlineData("Data Source=:memory:", "SELECT userId AS customer_id, movieId AS sku, timestamp AS ordered_at FROM 'ratings.csv'")]
    public void Init_Query_FindsColumnsByTheirNames(string connection, string sql)
    {
        var output = _folder.RunWell("init", "--connection", connection, "--sql", sql, "--time", "ordered_at");

        var data = ExperimentConfiguration.Load(_folder.PathOf("recommender.json")).Data;
        Assert.Equal(
            new DataConfiguration { Connection = connection, Sql = sql, User = "customer_id", Item = "sku", Time = "ordered_at" }, data);
        Assert.Contains($"{ToolFolder.Count:N0} interactions", output);
    }

    [PostgresFact]
    public void Init_Postgres_TakesTheConnectionFromTheEnvironment()
    {
        const string sql =
            "SELECT u AS customer_id, i AS sku FROM generate_series(1, 20) u, generate_series(1, 9) i WHERE u % 3 > 0";

        var output = _folder.RunWell("init", "--connection", $"env:{PostgresFactAttribute.Variable}", "--sql", sql, "--user", "customer_id");

        Assert.Contains("126 interactions of 14 users and 9 items", output);
        Assert.DoesNotContain("Host", _folder.Read("recommender.json"));
    }

    [Fact]
    public void Init_ConfigurationIsThere_IsNotReplacedUnlessForced()
    {
        _folder.Write("recommender.json", "mine");

        Assert.Contains("--force", _folder.RunBadly("init", "ratings.csv"));

        Assert.Equal("mine", _folder.Read("recommender.json"));
        _folder.RunWell("init", "ratings.csv", "--force");
        Assert.Contains("ratings.csv", _folder.Read("recommender.json"));
    }

    [Theory]
    [InlineData("needs either a file, or --connection", "init")]
    [InlineData("no.csv", "init", "no.csv")]
    [InlineData("has no column 'buyer'; it has", "init", "ratings.csv", "--user", "buyer")]
    [InlineData("no such table: orders", "init", "--connection", "Data Source=shop.db", "--sql", "SELECT * FROM orders")]
    [InlineData("unable to open database file", "init", "--connection", "Data Source=no.db", "--sql", "SELECT 1")]
    [InlineData("the environment has no variable NOT_SET", "init", "--connection", "env:NOT_SET", "--sql", "SELECT 1")]
    [InlineData("give the provider", "init", "--connection", "User=me", "--sql", "SELECT 1")]
    [InlineData("127.0.0.1:1", "init", "--connection", "Host=127.0.0.1;Port=1", "--sql", "SELECT 1")]
    public void Init_WrongArguments_SaysInOneLineWhatIsWrong(string expected, params string[] arguments)
    {
        Assert.Contains(expected, _folder.RunBadly(arguments));
        Assert.False(File.Exists(_folder.PathOf("recommender.json")) || File.Exists(_folder.PathOf("no.db")));
    }
}
