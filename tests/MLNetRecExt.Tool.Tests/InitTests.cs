namespace MLNetRecExt.Tool.Tests;

public sealed class InitTests : IDisposable
{
    private readonly ToolFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Data Source=shop.db", "SELECT customer_id, sku, ordered_at FROM order_lines")]
    [InlineData("Data Source=:memory:", "SELECT userId AS customer_id, movieId AS sku, timestamp AS ordered_at FROM 'ratings.csv'")]
    [InlineData("Data Source=:memory:", "SELECT \"user\" AS customer_id, item AS sku, timestamp AS ordered_at FROM 'parts/*.parquet'")]
    public void Init_Query_FindsColumnsByTheirNames(string connection, string sql)
    {
        _folder.WriteDatabase("shop.db");
        Directory.CreateDirectory(_folder.PathOf("parts"));
        if (sql.Contains("parquet"))
            _folder.RunWell("data", "split", "ratings.csv", "--train", "parts/train.parquet", "--test", "parts/test.parquet");

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

        var output = _folder.RunWell(
            "init", "--connection", $"env:{PostgresFactAttribute.Variable}", "--sql", sql, "--user", "customer_id");

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

    [Fact]
    public void Init_CatalogueTooLargeForAMatrixOfItsPairs_SaysWhatIsLeftOutAndWhatIsNotRead()
    {
        _folder.Write("large.csv", "user,item,weight\n"
            + string.Concat(Enumerable.Range(0, 12_001).Select(item => $"{item % 50},{item},{item % 7}\n")));

        var output = _folder.RunWell("init", "large.csv");

        Assert.Contains("left out", output);
        Assert.Contains("weight; --label, --weight or --time names one to read", output);

        Assert.Equal(
            ["popularity", "item-knn", "wals"], ExperimentConfiguration.Load(_folder.PathOf("recommender.json")).Trainers.Keys);
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
        _folder.WriteDatabase("shop.db");

        Assert.Contains(expected, _folder.RunBadly(arguments));

        Assert.False(File.Exists(_folder.PathOf("recommender.json")) || File.Exists(_folder.PathOf("no.db")));
    }
}
