using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace MLNetRecExt.Fuzz;

/// <summary>Logs of the tuner and checkpoints of <see cref="SoftmaxDnnTrainer"/>, damaged, or changed and with right checksums: each is
/// refused by a documented exception, or the work goes on; what was damaged comes to the same result as before.</summary>
internal sealed class LogsCampaign : ICampaign
{
    private readonly Resumable _tuning = Resumable.Tuning();
    private readonly Resumable _training = Resumable.Training();
    private readonly Lazy<SealedFile> _checkpoint;

    public LogsCampaign() => _checkpoint = new(() => new(_training.Interrupted));

    public string Try(Random random, int index)
    {
        var (work, what) = index % 2 == 0 ? (_tuning, "log") : (_training, "checkpoint");
        var isHostile = random.Next(2) == 0;
        var bytes = !isHostile ? Mutation.Damage(work.Interrupted, work.Interrupted, random)
            : work == _training ? _checkpoint.Value.Change(_checkpoint.Value, random)
            : ChangeLog(work.Interrupted, random);
        string result;
        try
        {
            result = work.GoOn(bytes);
        }
        catch (Exception e)
        {
            // Of another tuning or training: the header may have been changed. InvalidOperationException: it diverged, or no trial is good.
            FuzzFailureException.Unless(e, $"by a {what}", isHostile
                ? [typeof(InvalidDataException), typeof(ArgumentException), typeof(InvalidOperationException)]
                : [typeof(InvalidDataException), typeof(ArgumentException)]);
            return $"{what} refused";
        }
        FuzzFailureException.Unless(isHostile || result == work.Result, "other result", () => $"a damaged {what} is believed");
        return isHostile ? $"{what} taken" : $"{what}, the same";
    }

    /// <summary>Changes characters of trials, and sets the checksums of their lines right.</summary>
    private static byte[] ChangeLog(byte[] log, Random random)
    {
        var lines = Encoding.UTF8.GetString(log).Split('\n');
        var seed = (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(lines[0]));
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            var line = random.Next(1, lines.Length - 1);
            var json = lines[line].Split('\t')[0].ToCharArray();
            var digits = Enumerable.Range(0, json.Length).Where(place => char.IsAsciiDigit(json[place])).ToArray();
            if (random.Next(3) > 0 && digits.Length > 0)
                json[digits[random.Next(digits.Length)]] = "0123456789-e."[random.Next(13)];
            else
                json[random.Next(json.Length)] = (char)random.Next(32, 127);
            var text = new string(json);
            var checksum = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text), seed);
            lines[line] = string.Create(CultureInfo.InvariantCulture, $"{text}\t{checksum:x16}");
        }
        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }
}
