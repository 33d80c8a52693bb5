using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt.Benchmarks;

/// <summary>
/// Writes and reads a matrix of more bytes than a span has room for (2³¹ − 1), each step in a process of its own: seconds, peak memory,
/// and whether the same numbers come back, from a file and through a pipe, which cannot seek.
/// </summary>
internal static class LargeBenchmark
{
    public static int Run(string[] args)
    {
        if (args is [var step, var path, var rowsOfStep, var rankOfStep])
            return RunStep(step, path, Parse(rowsOfStep), Parse(rankOfStep));

        var (rows, rank) = args is [var givenRows, var givenRank] ? (Parse(givenRows), Parse(givenRank)) : (9_000_000, 64);
        var bytes = (long)rows * rank * sizeof(float);
        Console.WriteLine(FormattableString.Invariant($"{rows:N0} rows × {rank} numbers: {bytes:N0} bytes"));
        if (bytes <= int.MaxValue)
        {
            Console.Error.WriteLine("That is not large: a span has room for it. Give more rows, or a higher rank.");
            return 2;
        }
        var file = Path.Combine(Path.GetTempPath(), $"large-{Environment.ProcessId}.matrix");
        try
        {
            Console.WriteLine("| step | s | MB/s | peak, MB | × matrix | digest |");
            Console.WriteLine("|---|---|---|---|---|---|");
            foreach (var each in (string[])["write", "read", "read-pipe"])
                if (OwnProcess.Run("large", each, file, $"{rows}", $"{rank}") is var code and not 0)
                    return code;
            return 0;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static int RunStep(string step, string path, int rows, int rank)
    {
        var matrix = step == "write" ? Make(rows, rank) : null;
        var clock = Stopwatch.StartNew();
        if (matrix is not null)
            Write(matrix, path);
        else if (step == "read")
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            matrix = Read(stream, rows);
        }
        else
            matrix = ReadThroughPipe(path, rows);
        var seconds = clock.Elapsed.TotalSeconds;
        var (megabytes, peak) = ((double)rows * rank * sizeof(float) / 1048576, PeakMemory.Megabytes());
        Console.WriteLine(FormattableString.Invariant(
            $"| {step} | {seconds:F2} | {megabytes / seconds:F0} | {peak:F0} | {peak / megabytes:F2} | {Digest(matrix):x16} |"));
        return 0;
    }

    private static AlignedMatrix Make(int rows, int rank)
    {
        var matrix = new AlignedMatrix(rows, rank);
        var random = new Random(1);
        for (int row = 0; row < rows; row++)
            foreach (ref var number in matrix[row])
                number = random.NextSingle();
        return matrix;
    }

    private static void Write(AlignedMatrix matrix, string path)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var writer = new ModelWriter(stream);
        writer.WriteMatrix(matrix);
        writer.WriteChecksum();
        writer.Flush();
        stream.Flush(flushToDisk: true);
    }

    private static AlignedMatrix Read(Stream stream, int rows)
    {
        var reader = new ModelReader(stream);
        var matrix = reader.ReadMatrix(rows);
        reader.CheckChecksum();
        return matrix;
    }

    private static AlignedMatrix ReadThroughPipe(string path, int rows)
    {
        using var server = new AnonymousPipeServerStream(PipeDirection.Out);
        using var client = new AnonymousPipeClientStream(PipeDirection.In, server.ClientSafePipeHandle);
        var copying = Task.Run(() =>
        {
            using var file = File.OpenRead(path);
            file.CopyTo(server);
        });
        var matrix = Read(client, rows);
        copying.Wait();
        return matrix;
    }

    private static ulong Digest(AlignedMatrix matrix)
    {
        var digest = new XxHash3();
        for (int row = 0; row < matrix.Rows; row++)
            digest.Append(MemoryMarshal.AsBytes(matrix[row]));
        return digest.GetCurrentHashAsUInt64();
    }

    private static int Parse(string number) => int.Parse(number, CultureInfo.InvariantCulture);
}
